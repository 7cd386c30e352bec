import { retry } from "../client/retry.js";
import type { ClientParts } from "../client/parts.js";
import type { CreatedGroup } from "../gateway.js";
import { itemsOf } from "../lifecycle/items-of.js";
import { isOwned } from "./judge/judge.js";

// All groups of the owner, each once, and the time by Azure's clock when the first of them were read. A list that is not
// read to its end is none: it rejects.
export async function listOwned({ gateway, owner, clock, azureClock }: ClientParts, abortSignal: AbortSignal | undefined): Promise<{ readonly groups: readonly CreatedGroup[]; readonly now: number }> {
  let now: number | undefined;
  const readPage = async (page: string | undefined): ReturnType<typeof gateway.listCreated> => {
    const answer = await retry(clock, () => gateway.listCreated(page, { abortSignal }), abortSignal);
    now ??= azureClock.now();
    return answer;
  };
  const groups = new Map<string, CreatedGroup>();
  for await (const group of itemsOf(readPage)) if (isOwned(group, owner)) groups.set(group.groupName.toLowerCase(), group);
  return { groups: [...groups.values()], now: now ?? azureClock.now() };
}

// The same group in a list of now.
export async function listAgain({ gateway, clock }: ClientParts, { id, groupName }: CreatedGroup, abortSignal: AbortSignal | undefined): Promise<CreatedGroup | undefined> {
  const listed = itemsOf((page) => retry(clock, () => gateway.listCreated(page, { groupName, abortSignal }), abortSignal));
  for await (const group of listed) if (group.id.toLowerCase() === id.toLowerCase()) return group;
  return undefined;
}
