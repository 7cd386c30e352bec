import type { ContainerJobSpec } from "../jobs/spec/job-spec.js";

/**
 * A container that runs until somebody deletes its group, and what it needs: a {@link ContainerJobSpec} without a key and
 * without files, whose group starts its containers again. JSON only, so that it can be stored and sent.
 *
 * @public
 */
export interface ServerSpec extends Omit<ContainerJobSpec, "key" | "files"> {
  /** What ACI does when a container ends. @defaultValue `"Always"` */
  readonly restartPolicy?: "Always" | "OnFailure" | undefined;
}
