import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { QueueServiceClient, type QueueClient } from "@azure/storage-queue";

const PROGRAM = fileURLToPath(new URL("../tools/azurite/node_modules/azurite/dist/src/azurite.js", import.meta.url));
const OPTIONS = ["--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--blobPort", "0", "--queuePort", "0", "--tablePort", "0"];
const STARTS_WITHIN_IN_MS = 60_000;
const ACCOUNT = "devstoreaccount1";
/** The key that everybody knows of an emulated account. */
export const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Microsoft's emulator of Azure Storage, with its data in memory. */
export interface Azurite {
  readonly connectionString: string;
  /** A queue by Microsoft's own client. */
  readonly queue: (name: string) => QueueClient;
  readonly stop: () => Promise<void>;
}

export async function startAzurite(): Promise<Azurite> {
  const child = spawn(process.execPath, [PROGRAM, ...OPTIONS], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  // It dies when nobody reads what it prints.
  const lines = createInterface({ input: child.stdout });
  const addresses = new Map<string, string>();
  const listening = new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      const [, service, address] = /Azurite (\w+) service is successfully listening at (\S+)/u.exec(line) ?? [];
      if (service !== undefined && address !== undefined) addresses.set(service, address);
      if (addresses.size === 3) resolve();
    });
  });
  const late = AbortSignal.timeout(STARTS_WITHIN_IN_MS);
  await Promise.race([listening, once(late, "abort").then(() => Promise.reject(new Error("Azurite did not start"))), ended.then(() => Promise.reject(new Error("Azurite ended")))]);
  const endpoint = (service: string): string => `${service}Endpoint=${addresses.get(service) ?? ""}/${ACCOUNT}`;
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};${endpoint("Queue")};${endpoint("Table")};`;
  return {
    connectionString,
    queue: (name) => QueueServiceClient.fromConnectionString(connectionString).getQueueClient(name),
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
