import { startEmulator } from "aci-lifecycle/emulator";
import { expect, it } from "vitest";
import { arm, groupBody } from "../emulator/arm.js";

const LIBRARY = import.meta.resolve("@azure/identity");

it("ManagedIdentityCredential of @azure/identity gets a token in a container of the process engine", async () => {
  await using emulator = await startEmulator({ engine: "process" });
  const script = `
    import { ManagedIdentityCredential } from "${LIBRARY}";
    const { token, expiresOnTimestamp } = await new ManagedIdentityCredential().getToken("https://vault.azure.net/.default");
    const { aud, oid } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
    console.log(JSON.stringify({ aud, oid, isLater: expiresOnTimestamp > Date.now() }));`;
  const body = { ...groupBody("node", {}, { command: [process.execPath, "--input-type=module", "-e", script] }), identity: { type: "SystemAssigned" } };
  await arm(emulator, "PUT", "containerGroups/g", { body });
  for (;;) {
    const { body: group } = await arm(emulator, "GET", "containerGroups/g");
    if (group.properties.instanceView.state === "Pending" || group.properties.instanceView.state === "Running") {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    const { content } = (await arm(emulator, "GET", "containerGroups/g/containers/main/logs")).body;
    const { identity } = group as unknown as { identity: { principalId: string } };
    expect(JSON.parse(content)).toEqual({ aud: "https://vault.azure.net", oid: identity.principalId, isLater: true });
    return;
  }
});
