import type { IdentitySpec, RegistrySpec, VolumeSpec } from "../../container-spec.js";
import { expectKeys, fail } from "../../lifecycle/expect.js";

/** What a manifest refers to and does not say itself, and what stands in the place of what ACI does not have. @public */
export interface PodSources {
  /** Config maps by name, their values by key. Those of the pod's namespace in the text of the manifest are known without being given. */
  readonly configMaps?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /**
   * Secrets by name, their values by key and not in Base64: they become `{ secureValue }`. With `"byName"` each value
   * becomes `{ secret: "namespace/name/key" }`, which the `secrets` of whoever creates the group resolves.
   *
   * @defaultValue those of the pod's namespace in the text of the manifest
   */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>> | "byName" | undefined;
  /**
   * Where the pod is. Config maps and secrets in the text of the manifest that say another namespace are not for it; those
   * that say none are.
   *
   * @defaultValue the manifest's, or `"default"`
   */
  readonly namespace?: string | undefined;
  /** What images start with, by the names of containers that have `args` and no `command`: ACI replaces both together. */
  readonly entrypoints?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Volumes in the place of those with the same names in the manifest, a file share for a claim for instance. */
  readonly volumes?: readonly VolumeSpec[] | undefined;
  /** Log-ins in the place of the manifest's `imagePullSecrets`. */
  readonly registries?: readonly RegistrySpec[] | undefined;
  /** Managed identities in the place of the manifest's service account. */
  readonly identity?: IdentitySpec | undefined;
  /**
   * What a container asks for: its `requests`, or its `limits` where it has them, which costs more and never ends a container
   * that used more than it asked for. ACI refuses limits above what the whole group asks for.
   *
   * @defaultValue `"requests"`, as in a cluster
   */
  readonly resources?: "requests" | "limits" | undefined;
  /**
   * Fields to be left out although ACI has no equal for them, by the paths that {@link PodManifestError} shows, or by the
   * last part of these: `workingDir`, or `spec.containers[0].workingDir`.
   *
   * @defaultValue none
   */
  readonly ignore?: readonly string[] | undefined;
}

const FIELDS = ["configMaps", "secrets", "namespace", "entrypoints", "volumes", "registries", "identity", "resources", "ignore"];

// Throws for sources that cannot be right; what is in them is checked with the spec.
export function checkSources(sources: PodSources): void {
  expectKeys("sources", sources, FIELDS);
  const { resources, ignore } = sources;
  if (resources !== undefined && !["requests", "limits"].includes(resources)) fail("sources.resources", `"requests" or "limits"`, resources);
  if (ignore !== undefined && !Array.isArray(ignore)) fail("sources.ignore", "an array of strings", ignore, "type");
}
