import { StateFile } from "./state-file.js";

/** Whether a state folder still has a session, so that nothing of it is to be removed. Only one that is surely gone has not. */
export function isClaimed(folder: string, session: string): boolean {
  try {
    return new StateFile(folder).read()?.session === session;
  } catch {
    return true;
  }
}
