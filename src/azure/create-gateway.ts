import type { Snapshot } from "../container-group.js";
import type { Accepted, CreatedGroup, Gateway, Page, RequestOptions, SocketTicket, Usage } from "../gateway.js";
import { secretsIn } from "../internal/redact.js";
import { ArmClient, badBody, type ArmAnswer, type ArmOptions, type ArmRequest, type ArmSender } from "./arm-client.js";
import { awaitOperation } from "./await-operation.js";
import { fromArm, operationFrom } from "./from-arm.js";
import { toArm } from "./to-arm.js";
import type { WireGroup, WirePage, WireUsage } from "./wire.js";

const API = "api-version=2023-05-01";
const RESOURCES_API = "api-version=2021-04-01";

// The port to Azure over Microsoft's client, or over whatever else sends requests.
export function createGateway(options: ArmOptions, arm: ArmSender = new ArmClient(options)): Gateway {
  const send = (request: ArmRequest): Promise<ArmAnswer> => arm.send({ ...request, onDate: options.azureClock?.ask() });
  const subscription = `/subscriptions/${encodeURIComponent(options.subscriptionId)}`;
  const groups = `${subscription}/resourceGroups/${encodeURIComponent(options.resourceGroup)}/providers/Microsoft.ContainerInstance/containerGroups`;
  const one = (name: string, action = ""): string => `${groups}/${encodeURIComponent(name)}${action}?${API}`;
  const inside = (name: string, container: string, action: string): string => one(name, `/containers/${encodeURIComponent(container)}/${action}`);
  const about = (what: string, name: string): string => `${what} container group "${name}"`;
  // Sends a request and reads the body of its answer, which must have one.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what reads the body says what it is
  const ask = async <T, R>(request: Omit<ArmRequest, "accept" | "method"> & Partial<ArmRequest>, read: (body: T, headers: ArmAnswer["headers"]) => R): Promise<R> => {
    const { body, headers, status } = await send({ method: "GET", accept: [200], ...request });
    if (!isObject(body) && status !== 202) throw badBody(request.what);
    return read((body ?? {}) as T, headers);
  };
  const operate = async (verb: string, name: string, { abortSignal }: RequestOptions): Promise<Accepted> =>
    accepted(await send({ what: about(`The ${verb} of`, name), method: "POST", url: one(name, `/${verb}`), accept: [200, 202, 204], abortSignal }));
  const ticketFrom = ({ webSocketUri = "", password = "" }: { webSocketUri?: string; password?: string }): SocketTicket => ({ url: webSocketUri, password });
  const readOperation: Gateway["readOperation"] = (url, { abortSignal }) => ask({ what: "Reading an operation", url, accept: [200, 202], abortSignal }, operationFrom);

  return {
    async put(group, { abortSignal }) {
      return accepted(await send({ what: about("The create of", group.name), method: "PUT", url: one(group.name), body: toArm(group), accept: [200, 201], abortSignal, secrets: secretsIn(group) }));
    },
    get: (name, { abortSignal }) => ask({ what: about("Reading", name), url: one(name), abortSignal }, groupFrom(about("Reading", name))),
    list: (page, { abortSignal }) => ask({ what: "Listing container groups", url: page ?? `${groups}?${API}`, abortSignal }, pageFrom("Listing container groups", fromArm)),
    listCreated(page, { groupName, abortSignal }) {
      const named = groupName === undefined ? "" : ` and name eq '${groupName}'`;
      const filter = `resourceType eq 'Microsoft.ContainerInstance/containerGroups' and resourceGroup eq '${options.resourceGroup}'${named}`;
      const first = `${subscription}/resources?$filter=${encodeURIComponent(filter)}&$expand=createdTime&${RESOURCES_API}`;
      return ask({ what: "Listing resources", url: page ?? first, abortSignal }, pageFrom("Listing resources", createdFrom));
    },
    patchTags: (name, tags, { abortSignal }) => ask({ what: about("Tagging", name), method: "PATCH", url: one(name), body: { tags }, abortSignal }, groupFrom(about("Tagging", name))),
    readOperation,
    readLogs(name, container, { tail, isStamped, abortSignal }) {
      const more = `${tail === undefined ? "" : `&tail=${tail}`}${isStamped === true ? "&timestamps=true" : ""}`;
      const what = `Reading the log of container "${container}" in container group "${name}"`;
      return ask({ what, url: `${inside(name, container, "logs")}${more}`, abortSignal }, ({ content }: { content?: string | null }) => content ?? undefined);
    },
    start: (name, o) => operate("start", name, o),
    restart: (name, o) => operate("restart", name, o),
    async stop(name, o) {
      await operate("stop", name, o);
    },
    exec(name, container, { command, rows, columns, abortSignal }) {
      const body = { command, terminalSize: { rows, cols: columns } };
      return ask({ what: about("The exec in", name), method: "POST", url: inside(name, container, "exec"), body, abortSignal }, ticketFrom);
    },
    attach: (name, container, { abortSignal }) => ask({ what: about("The attach to", name), method: "POST", url: inside(name, container, "attach"), abortSignal }, ticketFrom),
    async delete(name, { abortSignal }) {
      const { status } = await send({ what: about("The delete of", name), method: "DELETE", url: one(name), accept: [200, 202, 204], abortSignal });
      return status === 200 ? "deleted" : status === 202 ? "accepted" : "gone";
    },
    usages(location, { abortSignal }) {
      const url = `${subscription}/providers/Microsoft.ContainerInstance/locations/${encodeURIComponent(location)}/usages?${API}`;
      return ask({ what: "Reading usages", url, abortSignal }, ({ value = [] }: WirePage<WireUsage>) => value.map(usageFrom));
    },
    awaitOperation: (url, o) => awaitOperation(url, readOperation, o),
  };
}

function accepted({ headers, body }: ArmAnswer): Accepted {
  const operationUrl = headers.get("azure-asyncoperation") ?? headers.get("location");
  return { ...(isGroup(body) && { snapshot: fromArm(body) }), ...(operationUrl !== undefined && { operationUrl }) };
}

function isObject(body: unknown): body is object {
  return typeof body === "object" && body !== null;
}

function isGroup(body: unknown): body is WireGroup & { readonly name: string } {
  const { name } = (body ?? {}) as WireGroup;
  return typeof name === "string" && name !== "";
}

// What an answer must have to be believed: one without says nothing, least of all that something is gone.
function groupFrom(what: string): (group: WireGroup) => Snapshot {
  return (group) => {
    if (!isGroup(group)) throw badBody(what);
    return fromArm(group);
  };
}

function pageFrom<W, T>(what: string, read: (item: W) => T): (page: WirePage<W>) => Page<T> {
  return ({ value, nextLink }) => {
    if (!Array.isArray(value)) throw badBody(what);
    return {
      items: (value as readonly W[]).map(read),
      ...(typeof nextLink === "string" && nextLink !== "" && { next: nextLink }),
    };
  };
}

function createdFrom({ id = "", name = "", location = "", tags, createdTime }: WireGroup): CreatedGroup {
  return { id, groupName: name, location, tags: tags ?? {}, createdAt: createdTime };
}

function usageFrom({ name, currentValue = 0, limit = 0 }: WireUsage): Usage {
  return { resource: name?.value ?? "", used: currentValue, limit };
}
