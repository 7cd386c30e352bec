/**
 * Where to deliver events to, as an Event Grid subscription does.
 *
 * @public
 */
export interface EventSubscription {
  /** The web hook. It has to be on this machine's own address: the emulator calls nobody else. */
  readonly url: string;
  /** The schema of the events. @defaultValue `"eventGrid"` */
  readonly schema?: "eventGrid" | "cloudEvents" | undefined;
}

/** Reads a subscription; throws a RangeError or TypeError that names the field. */
export function checkSubscription({ url, schema = "eventGrid" }: EventSubscription): Required<EventSubscription> {
  if (!URL.canParse(url)) throw new TypeError("Expected `url` of a subscription to be an absolute URL");
  const { protocol, hostname, username } = new URL(url);
  const isHere = ["127.0.0.1", "[::1]", "localhost"].includes(hostname) && username === "";
  if (!isHere || !["http:", "https:"].includes(protocol)) throw new RangeError(`Expected \`url\` of a subscription to be http or https on 127.0.0.1, [::1] or localhost, got \`${protocol}//${hostname}\``);
  if (!["eventGrid", "cloudEvents"].includes(schema)) throw new RangeError(`Expected \`schema\` of a subscription to be "eventGrid" or "cloudEvents", got \`${schema}\``);
  return { url, schema };
}
