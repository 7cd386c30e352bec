import { RequestBudget } from "../../src/index.js";
import { middle, type Verdict } from "../pools/verdict.js";
import { Child } from "./child.js";
import { groupFor, ourClient, sdkClient } from "./clients.js";
import { Server, type ServerAddress } from "./server.js";

const ROUNDS = 9;
const REQUESTS = 600;
const AT_ONCE = 16;
const NAME = "looked-at";

// What one look at a group takes of the processor, by our client with a budget and by Microsoft's, in turns.
export async function gets(): Promise<readonly Verdict[]> {
  await using server = await Server.start({ startInMs: 0 });
  await using child = new Child("gets");
  const rounds = await child.ask<readonly Round[]>(server.address);
  const all = (side: keyof Round): string => `${(1000 * middle("", rounds.map((round) => round[side]), {}).value).toFixed(0)} µs`;
  return [{ ...middle("B8 CPU of a look, to the raw SDK", rounds.map(({ ours, sdk }) => ours / sdk), { atMost: 1.1 }), text: `${all("ours")} to ${all("sdk")}, the middle of ${ROUNDS} rounds` }];
}

/** Milliseconds of the processor for a request. */
interface Round {
  readonly ours: number;
  readonly sdk: number;
}

/** What the process of a client does. */
export async function runGets(address: ServerAddress): Promise<readonly Round[]> {
  const { resourceGroup } = address;
  const ours = ourClient(address, new RequestBudget({ readsPerSecond: 1e6 }));
  const sdk = sdkClient(address);
  await sdk.containerGroups.beginCreateOrUpdateAndWait(resourceGroup, NAME, groupFor(600_000, address.location));
  const rounds: Round[] = [];
  // The first two make the code warm.
  for (let round = -2; round < ROUNDS; round++) {
    const one = { ours: await cpuOf(() => ours.get(NAME)), sdk: await cpuOf(() => sdk.containerGroups.get(resourceGroup, NAME)) };
    if (round >= 0) rounds.push(one);
  }
  return rounds;
}

async function cpuOf(ask: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  let left = REQUESTS;
  const askAll = async (): Promise<void> => {
    while (left-- > 0) await ask();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askAll));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / REQUESTS;
}
