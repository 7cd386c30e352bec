import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { JOB } from "./calls.js";
import { serveWebhook } from "./serve-webhook.js";

// What the documentation gives to those who write their own containers, as it stands there. What is written in C# is not run:
// there is no .NET here.
const PAGE = readFileSync(new URL("../../docs/completion.md", import.meta.url), "utf8");
const FOLDER = fileURLToPath(new URL("../../temp/", import.meta.url));
const execute = promisify(execFile);
const job = { ...JOB, groupName: `${nameBaseOf(jobHash(JOB.key))}-2` };

// The first block of code in a language behind a heading.
function block(heading: string, language: string): string {
  const found = PAGE.slice(PAGE.indexOf(`\n${heading}\n`)).match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "u"))?.[1];
  if (found === undefined || !PAGE.includes(`\n${heading}\n`)) throw new Error(`The page has no ${language} behind "${heading}"`);
  return found;
}

interface Example {
  readonly heading: string;
  readonly language: string;
  readonly program: string;
  readonly file: string;
  /** What comes behind it. */
  readonly more?: string;
  readonly exitCode: number;
}

const EXAMPLES: readonly Example[] = [
  { heading: "In a shell:", language: "sh", program: "sh", file: "call.sh", exitCode: 0 },
  { heading: "As a script that tells of its end however it ends. `-K -` keeps the token out of the list of processes:", language: "sh", program: "sh", file: "script.sh", more: "\n(exit 3)\nexit 3\n", exitCode: 3 },
  { heading: "Python:", language: "python", program: "python3", file: "call.py", more: "\ntell(3)\n", exitCode: 3 },
  { heading: "Node:", language: "js", program: "node", file: "call.mjs", exitCode: 0 },
  { heading: "Node, signed, with the package `standardwebhooks`:", language: "js", program: "node", file: "signed.mjs", exitCode: 0 },
];

// Python is not on every machine; that it is looked for here is seen by the tests that are listed.
const isThere = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

// A folder from which Node finds packages.
function folder(): string {
  mkdirSync(FOLDER, { recursive: true });
  const made = mkdtempSync(join(FOLDER, "example-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

async function run({ program, file }: Pick<Example, "program" | "file">, text: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const path = join(folder(), file);
  writeFileSync(path, text);
  try {
    await execute(program, [path], { env: { PATH: process.env["PATH"], ...environment }, timeout: 60_000 });
    return 0;
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
    if (typeof code !== "number") throw error;
    if (stderr !== "") throw new Error(stderr);
    return code;
  }
}

describe("the examples of docs/completion.md", () => {
  it.each(EXAMPLES.filter(({ program }) => program !== "python3" || isThere(program)).map((example) => [example.heading, example] as const))("tell of the end of a job: %s", async (_heading, example) => {
    await using served = await serveWebhook("127.0.0.1", { report: "container" });
    const { environment = {} } = (await served.completion.prepare?.(job)) ?? {};
    const told = Object.fromEntries(Object.entries(environment as Record<string, { secureValue: string }>).map(([name, { secureValue }]) => [name, secureValue]));
    const code = await run(example, block(example.heading, example.language) + (example.more ?? ""), told);
    // A program that is to end with a code of its own does so.
    expect(code).toBe(example.program === "sh" ? example.exitCode : 0);
    expect(served.signals).toMatchObject([{ key: JOB.key, kind: "ended", exitCode: example.exitCode }]);
  });

  it("put a message into a queue", async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      void (async () => {
        for await (const chunk of request) bodies.push(String(chunk));
        response.writeHead(201).end();
      })();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/queue/messages?sig=x`;
    const message = '{"job":"nightly","attempt":1}';
    const text = `code=3\n${block("#### A program that reports by itself", "sh")}`;
    expect(await run({ program: "sh", file: "queue.sh" }, text, { ACI_JOB_QUEUE_URL: url, ACI_JOB_MESSAGE: message })).toBe(0);
    const [, json = ""] = /^<QueueMessage><MessageText>(.*)<\/MessageText><\/QueueMessage>$/u.exec(bodies.join("")) ?? [];
    expect(JSON.parse(json)).toEqual({ job: "nightly", attempt: 1, type: "job.ended", exitCode: 3 });
  });
});
