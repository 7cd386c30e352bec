import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CANARIES, formsOf, hitsIn, type Seen } from "./canaries.js";
import { buildChildren } from "./children.js";
import { CREATE_FAULTS } from "./create-faults.js";
import { DELETE_FAULTS } from "./delete-faults.js";
import { LOG_FAULTS } from "./log-faults.js";
import { PROCESS_FAULTS } from "./process-faults.js";
import { RUN_FAULTS } from "./run-faults.js";
import type { Scenario } from "./scenario.js";
import { Stage } from "./stage.js";
import { WEBHOOK_FAULTS } from "./webhook-faults.js";

const SCENARIOS = [...CREATE_FAULTS, ...RUN_FAULTS, ...LOG_FAULTS, ...DELETE_FAULTS, ...PROCESS_FAULTS, ...WEBHOOK_FAULTS];
let places = 0;
let characters = 0;

interface Played {
  readonly seen: readonly Seen[];
  /** Secrets of this run alone. */
  readonly besides: Readonly<Record<string, string>>;
}

async function play({ emulator, rules = [], tamper, spec, options, act, ends }: Scenario): Promise<Played> {
  const stage = await Stage.open(emulator);
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation((chunk) => (stage.see("output of the process", String(chunk)), true)));
  try {
    stage.inject(...rules);
    if (tamper !== undefined) stage.tamper(tamper(stage));
    const ended = act === undefined ? await stage.run(spec, options) : await act(stage);
    for (const handle of stage.handles) stage.see("handle", handle);
    await stage.sweep();
    expect(ended).toEqual(ends);
    // What was never met proves nothing.
    if (tamper !== undefined && spec?.image !== "fail") expect(stage.adversary.struck).toBeGreaterThan(0);
  } finally {
    for (const spy of spies) spy.mockRestore();
    await stage.close();
  }
  return { seen: stage.seen, besides: stage.besides };
}

// The library hides no secret that a container prints: its log is the caller's. Everything else about the job is searched.
function withoutLogs(seen: readonly Seen[]): Seen[] {
  return seen
    .filter(({ where }) => where !== "log sink")
    .map(({ where, text }) => (/^[{[]/u.test(text) ? { where, text: JSON.stringify(JSON.parse(text), (key, value: unknown) => (["logs", "tail", "log"].includes(key) ? undefined : value)) } : { where, text }));
}

describe("no secret comes out", () => {
  beforeAll(buildChildren);

  it.each(SCENARIOS.map((scenario) => [scenario.id, scenario.what, scenario] as const))("%s: %s", async (id, _what, scenario) => {
    const { seen, besides } = await play(scenario);
    const searched = id === "G8" ? withoutLogs(seen) : seen;
    places += new Set(searched.map(({ where }) => where)).size;
    characters += searched.reduce((sum, { text }) => sum + text.length, 0);
    expect(hitsIn(searched, besides)).toEqual([]);
  });

  afterAll(() => {
    console.log(`${Object.keys(CANARIES).length} secrets × ${SCENARIOS.length} faults: searched ${characters} characters in ${places} places`);
  });
});

describe("the search", () => {
  it("covers the whole catalogue", () => {
    const family = (letter: string, count: number): string[] => Array.from({ length: count }, (_unused, index) => `${letter}${index + 1}`);
    expect(SCENARIOS.map(({ id }) => id)).toEqual([...family("C", 20), ...family("R", 11), ...family("G", 8), ...family("D", 8), ...family("P", 7), ...family("W", 9)]);
    expect(Object.keys(CANARIES)).toHaveLength(12);
  });

  it.each(Object.entries(CANARIES))("finds the %s in each of its forms", (place, secret) => {
    for (const [form, text] of Object.entries(formsOf(secret))) expect(hitsIn([{ where: "a text", text: `before ${text} after` }]), form).toEqual([expect.stringContaining(place)]);
  });
});
