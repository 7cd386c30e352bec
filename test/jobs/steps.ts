import { stepContainerJob } from "../../src/index.js";
import type { JobHandle, JobStep, JobStore } from "../../src/index.js";
import type { FakeAzure } from "./fake-azure.js";

/** One step of a job. */
export async function stepOn(azure: FakeAzure, store: JobStore, handle: JobHandle, options = {}): Promise<JobStep> {
  return azure.until(stepContainerJob(azure.client(), handle, { store, ...options }));
}

/** Steps of a job until it is done. */
export async function stepToEnd(azure: FakeAzure, store: JobStore, handle: JobHandle, options = {}): Promise<JobStep> {
  let step = await stepOn(azure, store, handle, options);
  for (let turn = 0; turn < 40 && !step.done; turn++) {
    await azure.clock.advance(step.nextCheckInMs);
    step = await stepOn(azure, store, step.handle, options);
  }
  return step;
}

/** What needs no time to speak of, in which nobody's pause is over. */
export async function soon<T>(azure: FakeAzure, promise: Promise<T>): Promise<T> {
  await azure.clock.advance(1);
  return promise;
}

/** Refuses to make a group, as there is no quota left. */
export function refuseIn(azure: FakeAzure): (verb: string) => void {
  return (verb) => {
    if (verb === "put") throw azure.fault({ statusCode: 409, serviceCode: "ContainerGroupQuotaReached", serviceText: "quota", retryAfterInMs: 60_000 });
  };
}
