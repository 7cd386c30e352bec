// You will see: an init container writes a page to a shared volume, a sidecar serves it, and the main container fetches it
// over localhost. When the main container has ended the sidecar is deleted with the group.
import { AciClient, runContainerJob } from "aci-lifecycle";

const image = process.env["EXAMPLE_IMAGE"] ?? "busybox:1";
const shell = (script: string): { image: string; command: string[] } => ({ image, command: ["/bin/sh", "-c", script] });

const client = AciClient.fromEnvironment();
const result = await runContainerJob(client, {
  ...shell("until wget -qO- http://127.0.0.1:8080/page.html; do sleep 0.1; done"),
  volumes: [{ name: "pages", emptyDir: {} }],
  initContainers: [{ name: "write", ...shell("echo made by the init container > /pages/page.html"), mounts: [{ volume: "pages", path: "/pages" }] }],
  sidecars: [{ name: "serve", ...shell("exec httpd -f -p 8080 -h /pages"), cpu: 0.5, memoryInGB: 0.5, mounts: [{ volume: "pages", path: "/pages", isReadOnly: true }] }],
});
for (const [name, { state, exitCode }] of Object.entries(result.containers)) console.log(`${name}: ${state}${exitCode === undefined ? "" : `, exit code ${exitCode}`}`);
console.log(result.logs.trimEnd());
