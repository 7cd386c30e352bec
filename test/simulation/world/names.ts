/** What the names of all groups of a job begin with. */
export function baseOf(group: string): string {
  return group.replace(/-\d+$/u, "");
}

/** The number of the attempt that a group was made for. */
export function attemptOf(group: string): number {
  return Number(/-(\d+)$/u.exec(group)?.[1]);
}

/** Whether a group is of the job that a store has under a key. */
export function isOfKey(group: string, key: string): boolean {
  return baseOf(group) === `aci-${key.split("/").at(-1) ?? "?"}`;
}
