import { buckets } from "./pools/buckets.js";
import { growth } from "./pools/growth.js";
import { shortReads } from "./pools/short-reads.js";
import { throughput } from "./pools/throughput.js";
import { say } from "./pools/verdict.js";

// Pools of jobs against one fake ARM in virtual time, where requests, lags and throughput are exact. With `--large` as many as
// ten thousand at a time.
const isLarge = process.argv.includes("--large");

console.log("Round trip 100 ms. The raw SDK's loop is re-enacted. Requests are counted by the server.");
say(await buckets());
say(await throughput());
say(await shortReads({ atOnce: 1000, jobs: 2500 }));
say(await growth(isLarge ? 10_000 : 2000));
