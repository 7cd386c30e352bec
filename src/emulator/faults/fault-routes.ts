import { ArmError } from "../arm-error.js";
import type { Handler } from "../server/call.js";

/** The faults that are set, and how often each has struck. */
export const listFaults: Handler = ({ azure }) => ({ status: 200, body: { value: azure.faults.list().map(({ rule, struck }) => ({ ...rule, struck })) } });

/** Sets one fault more. */
export const addFault: Handler = ({ azure, body }) => {
  try {
    azure.faults.add(body);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new ArmError(400, "InvalidFault", error.message);
    throw error;
  }
  return { status: 204 };
};

/** Removes all faults. */
export const clearFaults: Handler = ({ azure }) => {
  azure.faults.clear();
  return { status: 204 };
};
