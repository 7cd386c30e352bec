import type { JobShape, JobView, Preparation } from "../../completion-strategy.js";
import type { Environment } from "../../container-spec.js";
import type { ResolvedReportOptions } from "./report-options.js";
import { HELPER_FOLDER, isWrapped, wrap } from "./wrapper.js";

// What a container needs in order to report, by what its environment names.
export function prepare({ command = [] }: JobView, environment: Environment, { report, helperImage, heartbeatIntervalInMs }: ResolvedReportOptions): Preparation {
  if (report === "container") return { environment };
  const heartbeat = { ...environment, ...(heartbeatIntervalInMs > 0 && { ACI_JOB_HEARTBEAT: String(Math.round(heartbeatIntervalInMs / 1000)) }) };
  if (isWrapped(command)) return { environment: heartbeat };
  if (helperImage === undefined) return { environment: heartbeat, command: wrap(command, "sh") };
  const helper = { volume: "aci-lifecycle", path: HELPER_FOLDER };
  return {
    environment: { ...heartbeat, ACI_JOB_HELPER: HELPER_FOLDER },
    command: wrap(command, `${HELPER_FOLDER}/sh`),
    initContainers: [{ name: "aci-lifecycle-helper", image: helperImage, mounts: [helper] }],
    volumes: [{ name: "aci-lifecycle", emptyDir: {} }],
    mounts: [helper],
  };
}

// Throws a TypeError for a job that cannot be wrapped.
export function checkJob({ command, osType }: JobShape, { name, report }: ResolvedReportOptions & { readonly name: string }): void {
  if (report === "container") return;
  if (osType === "Windows") throw new TypeError(`Expected \`osType\` to be "Linux": the wrapper of ${name}() is a shell script. With \`report: "container"\` the container reports by itself.`);
  if (command === undefined || command.length === 0) {
    throw new TypeError('Expected `command` to be given: ACI cannot keep an image\'s own entry point and put something around it. With `report: "container"` the container reports by itself.');
  }
}
