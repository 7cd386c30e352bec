import type { JobShape, JobView, Preparation } from "../../completion-strategy.js";
import { deriveCredential } from "./signature.js";
import { HELPER_FOLDER, wrap } from "./wrapper.js";

interface Settings {
  readonly url: string;
  readonly secret: string;
  readonly report: "wrapper" | "container";
  readonly helperImage: string | undefined;
  readonly heartbeatIntervalInMs: number;
}

// What a container needs in order to call.
export function prepare(job: JobView, { url, secret, report, helperImage, heartbeatIntervalInMs }: Settings): Preparation {
  const { token, key } = deriveCredential(secret, job.groupName);
  const target = new URL(url);
  target.searchParams.set("job", job.key);
  target.searchParams.set("attempt", String(job.attempt));
  const environment = {
    ACI_JOB_CALLBACK_URL: { secureValue: target.href },
    ACI_JOB_CALLBACK_TOKEN: { secureValue: token },
    ACI_JOB_CALLBACK_SECRET: { secureValue: `whsec_${key.toString("base64")}` },
  };
  if (report === "container") return { environment };
  const heartbeat = { ...environment, ...(heartbeatIntervalInMs > 0 && { ACI_JOB_HEARTBEAT: String(Math.round(heartbeatIntervalInMs / 1000)) }) };
  const command = job.command ?? [];
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
export function checkJob({ command, osType }: JobShape, report: "wrapper" | "container"): void {
  if (report === "container") return;
  if (osType === "Windows") throw new TypeError('Expected `osType` to be "Linux": the wrapper of webhook() is a shell script. With `report: "container"` the container calls by itself.');
  if (command === undefined || command.length === 0) {
    throw new TypeError('Expected `command` to be given: ACI cannot keep an image\'s own entry point and put something around it. With `report: "container"` the container calls by itself.');
  }
}

