// A program that runs many jobs in a pool with a store, as it would be written: when it has died it is started again.
import { AciClient, folderStore, JobPool } from "aci-lifecycle";

const { folder, jobs } = JSON.parse(process.argv[2] ?? "{}") as { readonly folder: string; readonly jobs: number };
const pool = new JobPool(AciClient.fromEnvironment(), { store: folderStore(folder), name: "kills" });
const specs = Array.from({ length: jobs }, (_unused, index) => ({ key: `job-${index}`, image: "work", environment: { KEY: `job-${index}` } }));
for await (const { key, outcome } of pool.map(specs)) process.stdout.write(`${key} ${outcome}\n`);
await pool.close();
process.stdout.write("all\n");
