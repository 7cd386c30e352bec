/** Requests as an attacker or a broken client would send them, the same ones for the same seed. */
export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const VALUES: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1e308, -1e308, 0.1, Number.MAX_SAFE_INTEGER, "", " ", "\0", "a\0b", "..", "../../etc/passwd", "..\\..\\x", "C:\\x", "\\\\host\\share", "%2e%2e%2f", "${jndi}", "$(id)", "`id`", "; rm -rf /", "--privileged", "-v", "'", '"',
  "\u202e", "\ud800", "é".repeat(300), "x".repeat(70_000), "__proto__", "constructor", "NaN", "1e400", "0x10", "１", "true", "TCP", "Never", "Linux", [], {}, [[]], [null], [{}], { __proto__: null }, { constructor: { prototype: {} } }, { toString: 1 }, { length: 1e9 }, Array.from({ length: 300 }, () => ({ name: "c" })),
];

const SEED: Readonly<Record<string, unknown>> = {
  location: "westeurope",
  tags: { a: "b" },
  zones: ["1"],
  identity: { type: "SystemAssigned", userAssignedIdentities: {} },
  properties: {
    osType: "Linux",
    sku: "Standard",
    restartPolicy: "Never",
    priority: "Regular",
    containers: [
      {
        name: "main",
        properties: {
          image: "hello",
          command: ["a", "b"],
          ports: [{ port: 80, protocol: "TCP" }],
          environmentVariables: [{ name: "A", value: "b" }, { name: "S", secureValue: "x" }],
          resources: { requests: { cpu: 1, memoryInGB: 1 }, limits: { cpu: 1, memoryInGB: 1 } },
          volumeMounts: [{ name: "data", mountPath: "/data", readOnly: false }],
          livenessProbe: { exec: { command: ["x"] }, periodSeconds: 1 }, readinessProbe: { httpGet: { port: 80, path: "/", httpHeaders: [{ name: "a", value: "b" }] }, failureThreshold: 1 },
          securityContext: { privileged: false, capabilities: { add: [], drop: [] } },
        },
      },
    ],
    initContainers: [{ name: "init", properties: { image: "hello", command: [] } }],
    imageRegistryCredentials: [{ server: "r.io", username: "u", password: "p" }],
    ipAddress: { type: "Public", ports: [{ port: 80 }], dnsNameLabel: "label-1" },
    volumes: [{ name: "data", emptyDir: {} }, { name: "files", azureFile: { shareName: "share", storageAccountName: "account", storageAccountKey: "k" } }, { name: "keys", secret: { k: "dg==" } }],
    dnsConfig: { nameServers: ["1.1.1.1"] },
    diagnostics: { logAnalytics: { workspaceId: "w", workspaceKey: "k" } },
    extensions: [{ name: "e", properties: { extensionType: "t", version: "1" } }],
  },
};

const NAMES = ["g", "g2", "G", "a--b", "-a", "x".repeat(64), "x".repeat(300), "%2e%2e", "..%2f..", "%00", "%ff", "%E0%A4%A", "a%20b", "é", "<script>", "__proto__", "constructor", "a;b", "a'b", "a%0d%0ab"];
const GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/emulator/providers/Microsoft.ContainerInstance/containerGroups";
const TAILS = ["", "/start", "/stop", "/restart", "/containers/main/logs", "/containers/main/logs?tail=1e9", "/containers/main/logs?tail=x", "/containers/../logs", "/containers/main/exec", "/containers/main/attach", "/containers//exec", "/outboundNetworkDependenciesEndpoints", "/x/y/z"];
const PLACES = [
  "/",
  "//",
  "/subscriptions",
  "/subscriptions/x/resourceGroups/y",
  "/subscriptions/x/resources?$filter=resourceType%20eq%20'x",
  "/subscriptions/x/resources?$filter=tagName%20eq%20''''",
  "/subscriptions/x/providers/Microsoft.ContainerInstance/locations/y/usages",
  "/subscriptions/x/providers/Microsoft.ContainerInstance/locations/y/operations/z",
  "/subscriptions/x/providers/Microsoft.ContainerInstance/containerGroups?$skiptoken=-1",
  "/emulator/faults",
  "/emulator/identity/x/token",
  "/metadata/endpoints",
  "/x/oauth2/token",
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/emulator/providers/Microsoft.ContainerInstance/containerGroupProfiles/p",
];
const METHODS = ["GET", "PUT", "PATCH", "DELETE", "POST", "HEAD", "OPTIONS", "TRACE", "PROPFIND"];
const VERSIONS = ["2023-05-01", "2023-05-01", "2018-10-01", "2024-05-01-preview", "", "x", "2023-05-01&api-version=2018-10-01", "9999-99-99"];

export function hostileRequest(draw: () => number): HostileRequest {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(draw() * items.length)] as T;
  const isGroup = draw() < 0.8;
  const method = draw() < 0.6 ? "PUT" : pick(METHODS);
  const place = isGroup ? `${GROUP}/${draw() < 0.5 ? `g${Math.floor(draw() * 400)}` : pick(NAMES)}${method === "PUT" ? "" : pick(TAILS)}` : pick(PLACES);
  const path = `${place}${place.includes("?") ? "&" : "?"}api-version=${pick(VERSIONS)}`;
  return { method, path: encodeLoosely(path), headers: draw() < 0.05 ? { "content-type": pick(["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-7", "x"]) } : {}, body: ["GET", "HEAD", "DELETE", "TRACE"].includes(method) ? undefined : hostileBody(draw, pick) };
}

function hostileBody(draw: () => number, pick: <T>(items: readonly T[]) => T): string {
  if (draw() < 0.05) return pick(["", "{", "[]", "null", "1", '"x"', "{}", '{"a":', "[".repeat(5_000), `${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}`, '{"__proto__":{"x":1}}', "\u0000"]);
  const body = structuredClone(SEED) as Record<string, unknown>;
  for (let changes = 1 + Math.floor(draw() * 3); changes > 0; changes--) mutate(body, draw, pick);
  return JSON.stringify(body);
}

// Goes down at random and changes what it finds: another value, another name, gone, or twice.
function mutate(at: Record<string, unknown>, draw: () => number, pick: <T>(items: readonly T[]) => T): void {
  const names = Object.keys(at);
  if (names.length === 0) return;
  const name = pick(names);
  const value = at[name];
  if (typeof value === "object" && value !== null && draw() < 0.85) { mutate(value as Record<string, unknown>, draw, pick); return; }
  const way = draw();
  if (way < 0.6) at[name] = structuredClone(pick(VALUES));
  else if (way < 0.75) at[name.toUpperCase()] = value;
  else if (way < 0.85) Reflect.deleteProperty(at, name);
  else at[JSON.stringify(pick(VALUES)).slice(0, 100)] = structuredClone(pick(VALUES));
}

// What Node's client refuses to send is escaped; all else goes as it is.
function encodeLoosely(path: string): string {
  return path.replace(/[^\x21-\x7e]/g, (char) => encodeURIComponent(char));
}
