// What everything that an emulator makes is marked with, so that it can be found and removed.
export const LABELS = { session: "aci-lifecycle.session", owner: "aci-lifecycle.owner", group: "aci-lifecycle.group", container: "aci-lifecycle.container", run: "aci-lifecycle.run", role: "aci-lifecycle.role" } as const;

// A filter for Docker's lists.
export function labeled(label: string, value: string): { readonly all: 1; readonly filters: { readonly label: readonly string[] } } {
  return { all: 1, filters: { label: [`${label}=${value}`] } };
}
