import type { ContainerSpec, Environment, GroupSettings, MountSpec, PortSpec, ProbeSpec } from "../../container-spec.js";
import type { JsonObject } from "../../json.js";
import type { JobFiles } from "../files/job-files.js";

/**
 * A container to be run to its end, and what it needs. JSON only, so that it can be stored and sent.
 *
 * @remarks
 * The group never restarts its containers by policy. The platform may do so all the same (Azure promises a single run
 * for exit code 0 only), so work that must not be done twice needs a mark of its own.
 *
 * @public
 */
export interface ContainerJobSpec<O extends string = never> extends GroupSettings {
  /**
   * The caller's name for this work: equal keys are the same job, whoever asks. Not part of what makes two specs equal.
   *
   * @defaultValue a random one, which makes every call a job of its own
   */
  readonly key?: string | undefined;
  /** The image of the main container, whose end is the end of the job unless `doneWhen` says otherwise. */
  readonly image: string;
  /** Replaces the image's entry point *and* command, as ACI does. @defaultValue the image's own */
  readonly command?: readonly string[] | undefined;
  /** Added after `command`, which it needs: ACI cannot keep an image's entry point and replace its arguments. */
  readonly args?: readonly string[] | undefined;
  /** The main container's name. @defaultValue `"main"` */
  readonly containerName?: string | undefined;
  readonly environment?: Environment | undefined;
  /** vCPUs asked for, more than 0. A group gets at least 1. @defaultValue `1` */
  readonly cpu?: number | undefined;
  /** Memory asked for in GB, at least 0.1. A group gets at least 1. @defaultValue `1.5` */
  readonly memoryInGB?: number | undefined;
  readonly ports?: readonly PortSpec[] | undefined;
  readonly mounts?: readonly MountSpec[] | undefined;
  /** Files that go in before it starts and come out after it has ended. Needs a `fileStore`. @defaultValue none */
  readonly files?: JobFiles<O> | undefined;
  readonly livenessProbe?: ProbeSpec | undefined;
  readonly readinessProbe?: ProbeSpec | undefined;
  /** Any other ARM property of the main container, merged over its `properties`. */
  readonly containerArm?: JsonObject | undefined;
  /** More containers of the group. They are deleted with it when the job has ended. */
  readonly sidecars?: readonly ContainerSpec[] | undefined;
}
