import { scripted, startEmulator, VirtualClock, type Emulator, type ScriptedContainer } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import stories from "../recordings/service-stories.json" with { type: "json" };
import { arm, follow } from "../arm.js";
import { compare, type Difference } from "./compare.js";

interface Recorded {
  readonly id: string;
  readonly api: string;
  readonly name: string;
  readonly req: GroupRequest;
  readonly put: { readonly status: number; readonly asyncHeader: boolean; readonly body: RecordedGroup };
  readonly op: readonly { readonly status: string; readonly keys: readonly string[] }[];
  readonly gets: readonly RecordedGroup[];
  readonly list: RecordedGroup | null;
  readonly logs: { readonly content: string } | null;
  readonly delete: { readonly status: number; readonly body: RecordedGroup } | null;
}

interface GroupRequest {
  readonly location: string;
  readonly properties: { readonly containers: readonly { readonly properties: { readonly image: string } }[] };
}

interface RecordedGroup {
  readonly id: string;
  readonly properties: {
    readonly provisioningState: string;
    readonly containers: readonly { readonly properties: { readonly instanceView?: InstanceView } }[];
  };
}

interface InstanceView {
  readonly restartCount: number;
  readonly currentState: { readonly state: string; readonly exitCode?: number };
  readonly previousState?: { readonly exitCode?: number };
  readonly events?: readonly { readonly name: string; readonly message: string; readonly type: string; readonly count: number }[];
}

// What the recordings show of the service that the emulator does not do, each with its reason.
const DEVIATIONS: readonly { readonly is: (difference: Difference) => boolean; readonly because: string }[] = [
  { is: ({ path, recorded }) => path.endsWith("/ip") && recorded === undefined, because: "the address of a group that ended at once was sometimes not there yet" },
  { is: ({ path }) => path.endsWith("ipAddress#order"), because: "follows from the address that was not there yet" },
];

describe("the recorded stories", () => {
  it.each((stories as unknown as Recorded[]).map((story) => [story.id, story] as const))("%s", async (_id, story) => {
    const clock = new VirtualClock();
    const { image } = story.req.properties.containers[0]?.properties ?? { image: "" };
    const [, , subscriptionId = "", , resourceGroup = ""] = story.put.body.id.split("/");
    const last = story.gets.at(-1);
    await using emulator = await startEmulator({ engine: scripted({ [image]: programOf(last?.properties.containers[0]?.properties.instanceView, story.logs?.content ?? "") }, { clock }), subscriptionId, resourceGroup, pace: "recorded" });
    const path = `containerGroups/${story.name}`;
    const send = (method: string, below = "", body?: unknown) => arm(emulator, method, `${path}${below}`, { apiVersion: story.api, ...(body === undefined ? {} : { body }) });

    const put = await send("PUT", "", story.req);
    expect(put.status).toBe(story.put.status);
    expect(unexplained(compare(story.put.body, put.body))).toEqual([]);
    const operationUrl = put.headers["azure-asyncoperation"];
    expect(operationUrl !== undefined).toBe(story.put.asyncHeader);
    expect(operationUrl).toMatch(new RegExp(`/subscriptions/${subscriptionId}/providers/Microsoft.ContainerInstance/locations/${story.req.location}/operations/[0-9a-f-]{36}\\?api-version=2018-06-01$`));
    const seen: string[] = [];
    await watch(emulator, clock, operationUrl ?? "", seen, story.op[0]?.keys ?? []);
    // `Creating` was one more word for "not yet" until 2021.
    const words = story.op.map(({ status }) => (status === "Creating" ? "Pending" : status));
    expect(words.every((word) => seen.includes(word)), `${words.join()} in ${seen.join()}`).toBe(true);

    if (last !== undefined) await until(emulator, clock, story, last);
    const got = await send("GET");
    if (last !== undefined) expect(unexplained(compareGroup(last, got.body as unknown as RecordedGroup))).toEqual([]);
    if (story.list !== null) {
      const [listed] = (await arm(emulator, "GET", "containerGroups", { apiVersion: story.api })).body.value;
      expect(unexplained(compare(story.list, listed))).toEqual([]);
    }
    if (story.logs !== null) expect((await send("GET", `/containers/${story.name}/logs`)).body).toEqual(story.logs);
    if (story.delete !== null) {
      const deleted = await send("DELETE");
      expect(deleted.status).toBe(story.delete.status);
      expect(unexplained(compareGroup(story.delete.body, deleted.body as unknown as RecordedGroup))).toEqual([]);
    }
  });
});

// A container that does what the recorded one did: it ended, runs on, or ends again and again.
function programOf(view: InstanceView | undefined, output: string): (container: ScriptedContainer) => Promise<number> {
  return async (container) => {
    container.print(output);
    const isLast = view?.currentState.state === "Running" && container.run >= view.restartCount;
    if (isLast) await container.sleep(1e9);
    await container.sleep(2_000);
    return view?.currentState.exitCode ?? view?.previousState?.exitCode ?? 0;
  };
}

async function watch(emulator: Emulator, clock: VirtualClock, url: string, seen: string[], keys: readonly string[]): Promise<void> {
  for (let waits = 0; waits < 100; waits++) {
    const { body } = await follow(emulator, url);
    seen.push(body.status);
    expect(Object.keys(body).sort()).toEqual([...keys].sort());
    if (body.status !== "Pending") return;
    await clock.advance(1_000);
  }
}

// Moves on until the container is where the recorded one was when it was looked at.
async function until(emulator: Emulator, clock: VirtualClock, story: Recorded, wanted: RecordedGroup): Promise<void> {
  const view = wanted.properties.containers[0]?.properties.instanceView;
  for (let waits = 0; waits < 2_000 && view !== undefined; waits++) {
    const [container] = emulator.groups().find(({ name }) => name === story.name)?.containers ?? [];
    if (container?.state === view.currentState.state && container.restartCount === view.restartCount) return;
    await clock.advance(1_000);
  }
}

// Events lag in the service, some or all of them; those that are there must be ours in name, words and kind.
function compareGroup(recorded: RecordedGroup, answered: RecordedGroup): Difference[] {
  const eventsOf = (group: RecordedGroup) => group.properties.containers.flatMap((container) => container.properties.instanceView?.events ?? []);
  const ours = new Set(eventsOf(answered).map(describeEvent));
  const strange = eventsOf(recorded).map(describeEvent).filter((event) => !ours.has(event) && !event.startsWith("Created "));
  const strangeEvents = strange.map((event) => ({ path: "events", recorded: event, answered: [...ours].join("; ") }));
  return [...compare(withoutEvents(recorded), withoutEvents(answered)), ...strangeEvents];
}

function describeEvent({ name, message, type }: { readonly name: string; readonly message: string; readonly type: string }): string {
  // Older clusters named an image in its events by tag.
  return `${name} ${type} ${message.replace(/"[^"]+"/, '"image"').replace(/[0-9a-f]{64}/, "<id>")}`;
}

function withoutEvents(group: RecordedGroup): unknown {
  return JSON.parse(JSON.stringify(group), (name, value: unknown) => (name === "instanceView" && isContainerView(value) ? { ...value, events: undefined } : value)) as unknown;
}

function isContainerView(value: unknown): value is InstanceView {
  return typeof value === "object" && value !== null && "restartCount" in value;
}

function unexplained(differences: readonly Difference[]): readonly Difference[] {
  return differences.filter((difference) => !DEVIATIONS.some(({ is }) => is(difference)));
}
