// A process that runs the job with all secrets, over HTTP, until it is killed or told to end, and says by lines on stdout what
// becomes of it. Nothing is on its command line.
import { readFileSync } from "node:fs";
import { AciClient, folderStore, runContainerJob, type ContainerJobSpec } from "aci-lifecycle";

const { spec, folder, secrets } = JSON.parse(readFileSync(0, "utf8")) as { spec: ContainerJobSpec; folder: string; secrets: Record<string, string> };
const told = new AbortController();
process.once("SIGTERM", () => told.abort(new Error("told to end")));
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const client = AciClient.fromEnvironment();
const options = { store: folderStore(folder), secrets: (name: string) => secrets[name] ?? "", abortSignal: told.signal, onEvent: say };
await runContainerJob(client, spec, options).then(say, (error: unknown) => {
  console.error(error);
  process.exitCode = 3;
});
