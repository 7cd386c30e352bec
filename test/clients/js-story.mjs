// One story with one version of Microsoft's JavaScript client, as a program of a user's would tell it. Prints a line a step.
import { WebSocket } from "ws";

const [, , packageName = ""] = process.argv;
const { ContainerInstanceManagementClient } = await import(packageName);
const { AZURE_SUBSCRIPTION_ID = "", AZURE_RESOURCE_GROUP: group = "", AZURE_RESOURCE_MANAGER_ENDPOINT: endpoint = "", ACI_EMULATOR_TOKEN: token = "" } = process.env;
const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
const client = new ContainerInstanceManagementClient(credential, AZURE_SUBSCRIPTION_ID, { endpoint, baseUri: endpoint, longRunningOperationRetryTimeout: 1 });

// The oldest have other names for what takes time.
const groups = client.containerGroups;
const step = (modern, ...args) => (typeof groups[`${modern}AndWait`] === "function" ? groups[`${modern}AndWait`](...args, { updateIntervalInMs: 50 }) : groups[old[modern]](...args));
const old = { beginCreateOrUpdate: "createOrUpdate", beginStart: "start", beginRestart: "restart", beginDelete: "deleteMethod" };
const containers = client.containers ?? client.container;
const name = `js-${packageName.replace(/\D/g, "") || "9"}`;
const say = (word, value) => console.log(`${word}: ${value}`);

await step("beginCreateOrUpdate", group, name, {
  location: "westeurope",
  osType: "Linux",
  restartPolicy: "Never",
  containers: [{ name: "main", image: "busybox", command: ["sh", "-c", "echo hello; sleep 600"], resources: { requests: { cpu: 1, memoryInGB: 1 } } }],
});
const state = async () => (await groups.get(group, name)).instanceView?.state;
// The oldest take a 204 for the end of an operation, so that their users look for it themselves.
async function settled() {
  for (;;) {
    const { provisioningState } = await groups.get(group, name);
    if (provisioningState === "Succeeded") return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
// A container that is running need not have written its first line yet.
async function written() {
  for (;;) {
    const { content } = await containers.listLogs(group, name, "main");
    if (content?.trim()) return content.trim();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
say("create", await state());
const listed = [];
const list = groups.listByResourceGroup(group);
if (Symbol.asyncIterator in list) for await (const one of list) listed.push(one.name);
else for (const one of await list) listed.push(one.name);
say("list", listed.includes(name));
say("logs", await written());
const request = { command: "echo from-exec", terminalSize: { rows: 24, cols: 80 } };
const exec = await (containers.executeCommand ?? containers.executeContainerCommand).call(containers, group, name, "main", request);
say("exec", (await talk(exec.webSocketUri, {}, exec.password)).trim());
if (containers.attach !== undefined) {
  const attach = await containers.attach(group, name, "main");
  say("attach", (await talk(attach.webSocketUri, { authorization: attach.password }, undefined, 300)) === "" ? "open" : "odd");
} else say("attach", "open");
await groups.stop(group, name);
say("stop", await state());
await step("beginStart", group, name);
await settled();
say("start", await state());
await step("beginRestart", group, name);
await settled();
say("restart", await state());
await step("beginDelete", group, name);
say("delete", await state().catch((error) => error.code ?? error.body?.code));

function talk(url, headers, password, closeAfterInMs) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    let text = "";
    socket.on("open", () => {
      if (password !== undefined) socket.send(password);
      if (closeAfterInMs !== undefined) setTimeout(() => socket.close(), closeAfterInMs);
    });
    socket.on("message", (data) => (text += String(data)));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}
