// A process that runs a job until it is killed. Says by a line on stdout what has happened.
import { AciClient, folderStore, runContainerJob, startContainerJob, type ContainerJobSpec } from "aci-lifecycle";

const { mode, spec, folder } = JSON.parse(process.argv[2] ?? "{}") as { mode: "run" | "start"; spec: ContainerJobSpec; folder?: string };
const client = AciClient.fromEnvironment();
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
if (mode === "start") {
  say({ handle: await startContainerJob(client, spec) });
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}
const store = folder === undefined ? {} : { store: folderStore(folder) };
const result = await runContainerJob(client, spec, { ...store, reject: false, onEvent: ({ type }) => say({ event: type }) });
say({ result });
