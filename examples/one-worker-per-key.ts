// You will see: messages for two spreadsheets, each sheet's taken by one long-lived container of its own, in order, however many
// senders ask for it at once.
import { AciClient, ensureServer } from "aci-lifecycle";
import { startEmulator } from "aci-lifecycle/emulator";
import { azureFiles } from "aci-lifecycle/storage";

// Stands for a worker that is sent its messages over HTTP: it takes those of its own key from a folder, and notes each with its
// process, once.
const WORKER = `while :; do
  for message in "$MESSAGES/$ACI_SERVER_ID"/*; do
    [ -s "$message" ] && echo "$(cat "$message") by $$" >> "$MESSAGES/log-$ACI_SERVER_ID" && rm "$message"
  done; sleep 0.1
done`;

const emulator = await startEmulator({ engine: "process" });
try {
  const client = new AciClient(emulator.clientOptions);
  const share = await emulator.share("sheetstore", "messages");
  const volume = azureFiles({ ...(await emulator.fileService("sheetstore")), share: "messages" }).mount();
  const worker = { image: process.env["EXAMPLE_IMAGE"] ?? "busybox:1", command: ["sh", "-c", WORKER], environment: { MESSAGES: "/messages" }, volumes: [{ name: "messages", azureFile: volume }], mounts: [{ volume: "messages", path: "/messages" }] };

  let count = 0;
  const send = async (sheet: string): Promise<string> => {
    const name = String(++count).padStart(3, "0");
    const { groupName } = await ensureServer(client, { key: sheet, ...worker });
    await share.write(`${sheet}/${name}`, `message ${name} for ${sheet}`);
    return groupName;
  };
  // Ten senders at once that know nothing of each other, and then some more, one after another.
  const groups = new Set(await Promise.all(Array.from({ length: 10 }, (_, n) => send(`sheet-${n % 2}`))));
  for (let n = 0; n < 6; n++) groups.add(await send(`sheet-${n % 2}`));
  console.log(`${count} messages went to ${groups.size} containers; ${emulator.groups().length} are there`);

  while ((await share.list()).some((path) => path.startsWith("sheet-"))) await new Promise((resolve) => setTimeout(resolve, 100));
  for (const sheet of ["sheet-0", "sheet-1"]) console.log(String(await share.read(`log-${sheet}`)).trim());
  for (const group of groups) await client.delete(group);
} finally {
  await emulator.close();
}
