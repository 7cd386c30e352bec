// You will see: a book-sized text is put on a file share, a container counts its words there, its output comes line by
// line, then its result, the file it wrote, and that no container group is left. This is what `npm run quickstart` runs.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AciClient, runContainerJob } from "aci-lifecycle";
import { startEmulator } from "aci-lifecycle/emulator";

const engine = process.env["EXAMPLE_ENGINE"] === "docker" ? "docker" : "process";
const image = process.env["EXAMPLE_IMAGE"] ?? "busybox:1";

// The text: every README that npm has installed here.
const texts = readdirSync("node_modules", { recursive: true, encoding: "utf8" })
  .filter((path) => /(^|[\\/])readme\.md$/iu.test(path))
  .map((path) => readFileSync(join("node_modules", path), "utf8"));

const script = `
set -e
echo "reading $(wc -c < /data/book.txt) bytes"
tr -cs 'A-Za-z' '\\n' < /data/book.txt | tr 'A-Z' 'a-z' | sed '/^$/d' > /work/words.txt
echo "counting $(wc -l < /work/words.txt) words"
sort /work/words.txt | uniq -c | sort -rn > /work/counted.txt
echo "writing $(wc -l < /work/counted.txt) different words"
head -n 100 /work/counted.txt > /data/words-by-count.txt
echo "the five most frequent:"
head -n 5 /work/counted.txt
`;

const emulator = await startEmulator({ engine, sharesFolder: join("temp", "shares") });
try {
  const share = await emulator.share("bookstore", "books");
  await share.write("book.txt", texts.join("\n"));
  const client = new AciClient(emulator.clientOptions);
  const result = await runContainerJob(
    client,
    {
      image,
      command: ["/bin/sh", "-c"],
      args: [engine === "process" ? script.replaceAll("/data", "$DATA").replaceAll("/work", "$WORK") : script],
      // The process engine has no root file system of its own: it replaces a mount path at the start of a value.
      environment: { DATA: "/data", WORK: "/work" },
      volumes: [
        { name: "books", azureFile: { account: "bookstore", share: "books", accountKey: { secureValue: "any: the emulator's shares are folders" } } },
        { name: "scratch", emptyDir: {} },
      ],
      mounts: [
        { volume: "books", path: "/data" },
        { volume: "scratch", path: "/work" },
      ],
    },
    {
      onEvent: (event) => console.log(`  [${event.type}]${event.type === "jobObserved" ? ` ${event.state}` : ""}`),
      logSink: { write: (lines) => lines.forEach(({ text }) => console.log(`  | ${text}`)) },
    },
  );
  const { exitCode, timings, cost, requests, cleanup } = result;
  console.log(`exit code ${exitCode}; ran ${timings.ranInMs ?? 0} ms, ${timings.totalInMs} ms in all; ${requests} requests; on Azure about $${cost.amount}`);
  console.log(`output: ${join(share.path, "words-by-count.txt")}, ${(await share.read("words-by-count.txt")).toString().split("\n").length - 1} lines`);
  console.log(`clean-up ${cleanup}: ${emulator.groups().length} container groups are left`);
  if (emulator.groups().length > 0) process.exitCode = 1;
} finally {
  await emulator.close();
}
