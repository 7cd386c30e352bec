import http from "node:http";
import https from "node:https";
import type { PipelinePolicy } from "@azure/core-rest-pipeline";

// Thousands of jobs at once would open thousands of connections, each of which costs more than its request; and many hosts
// have few ports to the outside.
const CONNECTIONS = { keepAlive: true, maxSockets: 64, maxFreeSockets: 64 };

/** Where the policy has its place: a proxy brings an agent of its own, which stays. */
export const AFTER_PROXY = { afterPolicies: ["proxyPolicy"] };

// Sends all requests of this process to a host over a few connections that are used again.
export function fewConnections(): PipelinePolicy {
  return {
    name: "fewConnectionsPolicy",
    sendRequest(request, next) {
      const agent = request.agent ?? (request.url.startsWith("https:") ? secure() : plain());
      if (agent !== undefined) request.agent = agent;
      return next(request);
    },
  };
}

let ofHttp: http.Agent | undefined;
let ofHttps: https.Agent | undefined;

function plain(): http.Agent {
  return (ofHttp ??= new http.Agent(CONNECTIONS));
}

// Programs set what they trust on Node's own agent, before the first request, and some have put another in its place, which is left to do its work.
function secure(): https.Agent | undefined {
  const { globalAgent } = https;
  return globalAgent.constructor === https.Agent ? (ofHttps ??= new https.Agent({ ...globalAgent.options, ...CONNECTIONS })) : undefined;
}
