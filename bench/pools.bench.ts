import { buckets } from "./pools/buckets.js";
import { shortReads } from "./pools/short-reads.js";
import { throughput } from "./pools/throughput.js";
import { say } from "./pools/verdict.js";

// Pools of jobs. In virtual time against one fake ARM, where the figures are exact.
const t = performance.now();
const lap = (name: string): void => console.log(name, ((performance.now() - t) / 1000).toFixed(1));
say(await buckets());
lap("B5");
say(await throughput());
lap("B7");
say(await shortReads({ atOnce: 1000, jobs: 2500 }));
lap("B6");
