import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sweep } from "../../src/index.js";
import { FakeAzure } from "../jobs/fake-azure.js";
import { HOUR, jobOf, leave, tagsOf } from "./left-behind.js";

interface Group {
  readonly name: string;
  readonly tags: Record<string, string>;
}

const OURS = jobOf(0xffffffff);
const drop = ({ name, tags }: Group, tag: string): Group => ({ name, tags: Object.fromEntries(Object.entries(tags).filter(([key]) => key !== tag)) });
const set = ({ name, tags }: Group, tag: string, value: string): Group => ({ name, tags: { ...tags, [tag]: value } });
const rename = (group: Group, from: string, to: string): Group => set(drop(group, from), to, group.tags[from] ?? "");
const RULES = ["aci-lifecycle-owner", "aci-lifecycle-job", "aci-lifecycle-attempt", "aci-lifecycle-limits"] as const;

const word = fc.string({ maxLength: 12 });
const rule = fc.constantFrom(...RULES);
const spoil = fc.constantFrom((text: string) => text.toUpperCase(), (text: string) => `${text} `, (text: string) => ` ${text}`, (text: string) => text.slice(0, -1), (text: string) => `${text}0x`, () => "");
// What makes a group of ours that is over its time one that is not to be touched. Each takes one step away from it.
const nearMiss: fc.Arbitrary<(group: Group) => Group> = fc.oneof(
  rule.map((tag) => (group: Group) => drop(group, tag)),
  rule.map((tag) => (group: Group) => rename(group, tag, tag.toUpperCase())),
  fc.tuple(rule, fc.constantFrom("x-", "x")).map(([tag, more]) => (group: Group) => rename(group, tag, `${more}${tag}`)),
  spoil.map((change) => (group: Group) => set(group, "aci-lifecycle-owner", change("default") === "default" ? "x" : change("default"))),
  spoil.map((change) => (group: Group) => set(group, "aci-lifecycle-limits", change("600000 3600000 300000 never"))),
  word.map((text) => (group: Group) => set(group, "aci-lifecycle-owner", text === "default" ? "x" : text)),
  word.map((text) => (group: Group) => set(group, "aci-lifecycle-limits", text)),
  word.map((text) => (group: Group) => set(group, "aci-lifecycle-lease", text)),
  fc.nat(1e6).map((n) => (group: Group) => ({ ...group, name: `web-${n}-${group.name}` })),
  fc.nat(1e6).map((n) => (group: Group) => ({ ...group, name: `${group.name}${n}` })),
  fc.nat(1e6).map((n) => (group: Group) => set(group, "aci-lifecycle-job", `${group.tags["aci-lifecycle-job"] ?? ""}${n}`)),
);
const foreign = fc.oneof(
  nearMiss.map((step) => (group: Group) => step(group)),
  fc.dictionary(word, word, { maxKeys: 3 }).map((tags) => (group: Group) => ({ name: group.name, tags })),
);

describe("sweep", () => {
  // Every pass also has one group that is to be deleted, so that a sweep that does nothing does not pass.
  it("touches no group that is not its own", async () => {
    let [total, touched] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(foreign, { minLength: 250, maxLength: 250 }), async (steps) => {
        const azure = new FakeAzure();
        azure.pageSize = 1000;
        const others = steps.map((step, i) => step({ name: `aci-${jobOf(i)}-1`, tags: tagsOf(jobOf(i)) }));
        for (const { name, tags } of others) leave(azure, { name, tags, ageInMs: 1000 * HOUR });
        leave(azure, { name: `aci-${OURS}-1`, tags: tagsOf(OURS) });
        const before = new Map([...azure.groups].map(([name, { tags }]) => [name, JSON.stringify(tags)]));
        const report = await sweep(azure.client(), { maxDeletes: 1000 });
        total += others.length;
        touched += others.filter(({ name }) => JSON.stringify(azure.groups.get(name)?.tags) !== before.get(name)).length;
        expect(report.counts.deleted).toBe(1);
        expect(azure.requests.filter((verb) => verb === "patchTags" || verb === "delete")).toEqual(["delete"]);
      }),
      { numRuns: 400 },
    );
    console.log(`foreign groups touched by sweep: ${touched} of ${total.toLocaleString("en-US")}`);
    expect([touched, total]).toEqual([0, 100_000]);
  });
});
