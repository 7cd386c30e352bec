const NAMES: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

// Whether a URL is of this machine, so that nobody else hears what is sent there.
export function isLoopback({ hostname }: URL): boolean {
  return NAMES.includes(hostname);
}
