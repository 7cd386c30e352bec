import { inspect } from "node:util";
import type { TokenCredential } from "@azure/core-auth";
import { memoryMailbox } from "aci-lifecycle";
import { azureFiles, storageQueue, tableMailbox, tableStore, type StorageQueueOptions, type TableMailboxOptions, type TableStoreOptions } from "aci-lifecycle/storage";
import { describe, expect, it } from "vitest";
import { JOB, looking } from "../completion/calls.js";

const KEY = "c2VjcmV0LWtleS1vZi10aGUtdGVzdHM=";
const ACCOUNT = `DefaultEndpointsProtocol=https;AccountName=jobs;AccountKey=${KEY};EndpointSuffix=core.windows.net`;
const SAS = "sv=2021-12-02&sp=a&se=2030-01-01T00%3A00%3A00Z&sig=s3cret%2Fsig%3D";
const credential: TokenCredential = { getToken: async () => ({ token: "s3cret-token", expiresOnTimestamp: 0 }) };
const url = "https://jobs.queue.core.windows.net";

type Case = readonly [object, RegExp];
const WRONG_ACCOUNTS: readonly Case[] = [
  [{}, /`url`.*`connectionString`/u],
  [{ connectionString: "" }, /`connectionString`/u],
  [{ connectionString: 3 }, /`connectionString`/u],
  [{ connectionString: `AccountKey=${KEY}` }, /`connectionString`/u],
  [{ connectionString: ACCOUNT, url, credential }, /both/u],
  [{ url: "nonsense", credential }, /`url`/u],
  [{ url: `${url}?${SAS}`, credential }, /`url`/u],
  [{ url }, /`credential`/u],
  [{ url, credential: KEY }, /`credential`/u],
];
const WRONG_PAUSES: readonly Case[] = [
  [{ firstPauseInMs: 0 }, /`firstPauseInMs`/u],
  [{ firstPauseInMs: "100" }, /`firstPauseInMs`/u],
  [{ longestPauseInMs: Infinity }, /`longestPauseInMs`/u],
];
const WRONG_TABLES: readonly Case[] = [...WRONG_PAUSES, [{ table: "a-b" }, /`table`/u], [{ table: "1ab" }, /`table`/u]];
const WRONG_QUEUES: readonly Case[] = [
  ...WRONG_PAUSES,
  [{ queue: "A" }, /`queue`/u],
  [{ queue: "a--b" }, /`queue`/u],
  [{ addSas: SAS.replace("sp=a", "sp=raup") }, /`addSas`/u],
  [{ addSas: "sp=a" }, /`addSas`/u],
  [{ addSas: `${SAS}"\n` }, /`addSas`/u],
  [{ addSas: 3 }, /`addSas`/u],
  ...[1000, Infinity, NaN, 4e12].map((ms): Case => [{ sasLifetimeInMs: ms }, /^Expected `sasLifetimeInMs` to be 3600000 to 3153600000000, got `\w+`\.$/u]),
  [{ sasLifetimeInMs: "3600000" }, /`sasLifetimeInMs` to be a number, got string/u],
  ...[10, Infinity].map((ms): Case => [{ visibilityTimeoutInMs: ms }, /`visibilityTimeoutInMs`/u]),
  [{ visibilityTimeoutInMs: "2000" }, /`visibilityTimeoutInMs` to be a number, got string/u],
  [{ report: "somebody" }, /`report`/u],
  [{ safetyIntervalInMs: 5 }, /`safetyIntervalInMs`/u],
];
const WITHOUT_KEY: readonly Case[] = [
  [{ url, credential }, /`addSas`/u],
  [{ connectionString: `QueueEndpoint=${url};SharedAccessSignature=${SAS}` }, /`addSas`/u],
];
const withAccount = ([more, text]: Case): Case => [{ connectionString: ACCOUNT, ...more }, text];

// What a refusal says, which must be nothing secret.
function refusalOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    const text = inspect(error, { depth: 9 });
    for (const secret of [KEY, "s3cret"]) expect(text).not.toContain(secret);
    return (error as Error).message;
  }
  return "";
}

describe.each<[string, (options: never) => unknown]>([
  ["tableMailbox", tableMailbox],
  ["tableStore", tableStore],
  ["storageQueue", storageQueue],
  ["azureFiles", azureFiles],
])("%s", (_name, make) => {
  it.each([[undefined, "undefined"], [null, "null"], [ACCOUNT, "string"], [[ACCOUNT], "array"]])("says that %o is no options", (options, type) => {
    expect(refusalOf(() => make(options as never))).toBe(`Expected \`options\` to be an object, got ${type}.`);
  });

  it("names a field that it does not know", () => {
    const known = make === azureFiles ? { accountName: "jobs", accountKey: KEY, share: "work" } : { connectionString: ACCOUNT };
    expect(refusalOf(() => make({ ...known, tabel: "jobs" } as never))).toMatch(/^Expected `options` to have only known fields, got `tabel`\. Known are .*, \w+\.$/u);
  });
});

describe("tableMailbox", () => {
  it.each([...WRONG_ACCOUNTS, ...WRONG_TABLES.map(withAccount)])("refuses %o", (options, text) => {
    expect(refusalOf(() => tableMailbox(options as TableMailboxOptions))).toMatch(text);
  });

  it("takes an account by its connection string or by a credential, and refuses a purge of what is to come", async () => {
    tableMailbox({ url: "https://jobs.table.core.windows.net", credential });
    tableMailbox({ connectionString: "UseDevelopmentStorage=true" });
    const box = tableMailbox({ connectionString: ACCOUNT, firstPauseInMs: 5000 });
    for (const olderThanInMs of [-1, NaN]) await expect(box.purge({ olderThanInMs })).rejects.toThrow(RangeError);
  });
});

describe("tableStore", () => {
  it.each([...WRONG_ACCOUNTS, ...WRONG_TABLES.slice(WRONG_PAUSES.length).map(withAccount)])("refuses %o", (options, text) => {
    expect(refusalOf(() => tableStore(options as TableStoreOptions))).toMatch(text);
  });
});

describe("storageQueue", () => {
  it.each([...WRONG_ACCOUNTS.map(([options, text]): Case => [{ addSas: SAS, ...options }, text]), ...WRONG_QUEUES.map(withAccount), ...WITHOUT_KEY])("refuses %o", (options, text) => {
    expect(refusalOf(() => storageQueue(options as StorageQueueOptions))).toMatch(text);
  });

  it("refuses numbers that are too large by a RangeError, and what is none by a TypeError", () => {
    expect(() => storageQueue({ connectionString: ACCOUNT, sasLifetimeInMs: Infinity })).toThrow(RangeError);
    expect(() => storageQueue({ connectionString: ACCOUNT, sasLifetimeInMs: "3600000" as never })).toThrow(TypeError);
  });

  it("is a strategy like webhook(), and shows nothing of its key", () => {
    const strategy = storageQueue({ connectionString: ACCOUNT, addSas: `?${SAS}` });
    expect(strategy).toMatchObject({ name: "storageQueue", parameters: { report: "wrapper", safetyIntervalInMs: 120_000 } });
    const all = { queue: "jobs", sasLifetimeInMs: 3_600_000, visibilityTimeoutInMs: 2000, onRefused: () => undefined, mailbox: memoryMailbox(), report: "container", helperImage: "helper:1", heartbeatIntervalInMs: 5000, safetyIntervalInMs: 60_000, firstPauseInMs: 100, longestPauseInMs: 1000 } as const;
    expect(storageQueue({ connectionString: ACCOUNT, addSas: SAS, ...all }).parameters).toEqual({ report: "container", heartbeatIntervalInMs: 5000, safetyIntervalInMs: 60_000 });
    expect(() => strategy.check?.({ ...JOB, command: undefined })).toThrow(/`command`/u);
    expect(() => strategy.check?.({ ...JOB, osType: "Windows" })).toThrow(/storageQueue\(\)/u);
    expect(strategy.nextCheck?.(looking())).toEqual({ earliestInMs: 30_000 });
    expect(strategy.nextCheck?.(looking({ phase: "running", signals: { ended: { agoInMs: 0, looksSince: 0 } } }))).toMatchObject({ earliestInMs: 225 });
    const shown = inspect(strategy, { depth: 9, showHidden: true }) + JSON.stringify(strategy);
    for (const secret of [KEY, "s3cret"]) expect(shown).not.toContain(secret);
  });
});
