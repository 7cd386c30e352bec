import type { ContainerGroupSpec } from "../../container-group.js";
import { checkJob, containersOf } from "../../jobs/spec/check-job.js";
import { specHash } from "../../jobs/spec/job-identity.js";
import { settingsOf } from "../../jobs/spec/to-group.js";
import { expectObject, fail } from "../../lifecycle/expect.js";
import { shortHash, TAGS } from "../../lifecycle/identity.js";
import type { ServerSpec } from "../server-spec.js";

// Throws a TypeError or RangeError for a spec that cannot be right.
export function checkServer(spec: ServerSpec): void {
  expectObject("server", spec);
  const { restartPolicy, ...rest } = spec;
  if (!([undefined, "Always", "OnFailure"] as unknown[]).includes(restartPolicy)) fail("restartPolicy", '"Always" or "OnFailure"', restartPolicy);
  for (const field of ["key", "files"]) if ((rest as Readonly<Record<string, unknown>>)[field] !== undefined) throw new TypeError(`Expected the spec of a server to have no \`${field}\`.`);
  checkJob(rest);
}

// Tells two specs apart. Secret values count by name only.
export function serverHash({ restartPolicy = "Always", ...rest }: ServerSpec): string {
  return shortHash(`${restartPolicy} ${specHash(rest)}`);
}

export interface ServerNaming {
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Environment of the main container, besides its own. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

// The group of a server.
export function toServerGroup(spec: ServerSpec, { name, location, tags, environment }: ServerNaming): ContainerGroupSpec {
  const [main, ...sidecars] = containersOf(spec);
  const withOwn = { ...main, ...(environment && { environment: { ...main.environment, ...environment } }) };
  return {
    name,
    location: spec.location ?? location,
    containers: [withOwn, ...sidecars],
    restartPolicy: spec.restartPolicy ?? "Always",
    ...settingsOf(spec),
    tags: { ...spec.tags, ...tags, [TAGS.spec]: serverHash(spec) },
  };
}

// Whether a server is to have an address.
export function isReachable({ address, subnetId }: ServerSpec): boolean {
  return address !== undefined || subnetId !== undefined;
}
