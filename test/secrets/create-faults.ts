import { runContainerJob } from "aci-lifecycle";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import type { Answered, Heard, Tampering } from "./adversary.js";
import { CANARIES } from "./canaries.js";
import { changing, mainView, nth, told, type Scenario } from "./scenario.js";
import { KEY, MINUTE, SPEC, type Stage } from "./stage.js";

type Refusal = readonly [status: number, code: string, message?: string, headers?: Readonly<Record<string, string>>];

const NO_ROOM = "The requested resource is not available in the location 'westeurope' at this moment.";
const GROUP = `${nameBaseOf(jobHash(KEY))}-1`;

// Refuses the creates one after the other, and lets the next pass.
const refusing = (...refusals: readonly Refusal[]) => (stage: Stage) => nth("create", ...refusals.map((refusal) => (heard: Heard) => stage.adversary.refuse(heard, ...refusal)));
const always = (...refusal: Refusal) => (stage: Stage) => (heard: Heard): Tampering => (heard.kind === "create" ? stage.adversary.refuse(heard, ...refusal) : undefined);

// Runs a job of its own for each of several refusals.
const eachRefused = (...refusals: readonly Refusal[]) => async (stage: Stage): Promise<string[]> => {
  const ends: string[] = [];
  for (const [n, refusal] of refusals.entries()) {
    stage.tamper(always(...refusal)(stage));
    ends.push(await stage.run({ key: `${KEY}-${n}` }));
  }
  return ends;
};

async function put(stage: Stage, tags: Readonly<Record<string, string>>): Promise<void> {
  const url = `/subscriptions/${stage.emulator.clientOptions.subscriptionId}/resourceGroups/${stage.emulator.clientOptions.resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${GROUP}?api-version=2023-05-01`;
  const container = { name: "main", properties: { image: "work", resources: { requests: { cpu: 1, memoryInGB: 1 } } } };
  const body = JSON.stringify({ location: "westeurope", tags, properties: { osType: "Linux", containers: [container] } });
  await stage.adversary.forward({ method: "PUT", url, headers: { authorization: `Bearer ${CANARIES["bearer token"]}`, "content-type": "application/json" }, body });
}

const html = (stage: Stage) => (heard: Heard): Tampering => ({ status: 502, headers: { "content-type": "text/html" }, text: `<html>${stage.adversary.echo(heard)}</html>` });
const plain = (stage: Stage) => (heard: Heard): Tampering => ({ status: 500, headers: { "content-type": "text/plain" }, text: stage.adversary.echo(heard) });
const bare = (stage: Stage) => (heard: Heard): Tampering => ({ status: 503, headers: {}, text: JSON.stringify({ code: stage.adversary.echo(heard), message: stage.adversary.echo(heard) }) });

// A create that is accepted and then fails, as the group and the operation say.
const failing = (stage: Stage, operation: (heard: Heard) => Tampering) => (heard: Heard): Tampering => {
  if (heard.kind === "operation") return operation(heard);
  const change = changing("get", (body) => {
    body.properties.provisioningState = "Failed";
    body.properties.instanceView = { state: "Failed", events: [told("Failed", stage.adversary.echo(heard))] };
    for (const container of body.properties.containers) delete container.properties.instanceView;
  });
  return change(heard);
};

const failedOperation = (stage: Stage) => (heard: Heard) => (answered: Answered): Answered => ({ ...answered, status: 200, text: JSON.stringify({ status: "Canceled", error: { code: "NotFound", message: stage.adversary.echo(heard) }, properties: { events: [told("FailedMount", stage.adversary.echo(heard))] } }) });

// What the service says of a container that does not come up.
const complaining = (name: string, message: string, count = 1) => (stage: Stage) => (heard: Heard): Tampering =>
  changing("get", (body) => {
    const view = mainView(body);
    view.currentState = { state: "Waiting", detailStatus: stage.adversary.echo(heard) };
    view.events = [told("Failed", `Failed to pull image: ${stage.adversary.echo(heard)}`), told(name, `${message} ${stage.adversary.echo(heard)}`, "Warning", count)];
  })(heard);

export const CREATE_FAULTS: readonly Scenario[] = [
  { id: "C1", what: "a create lost on its way", tamper: () => nth("create", () => "loseBefore"), ends: "succeeded" },
  { id: "C2", what: "the answer to a create lost", tamper: () => nth("create", () => "loseAfter"), ends: "succeeded" },
  { id: "C3", what: "a connection broken in the answer", tamper: () => nth("create", () => "cut"), ends: "succeeded" },
  { id: "C4", what: "a group in transition", tamper: refusing([409, "ContainerGroupTransitioning"], [409, "ContainerGroupTransitioning"]), ends: "succeeded" },
  { id: "C5", what: "a registry that fails for ever", tamper: always(409, "RegistryErrorResponse"), ends: "neverStarted" },
  { id: "C6", what: "a name that is somebody else's", act: (stage) => put(stage, { team: "others" }).then(() => stage.run()), ends: "ACI_NAME_CONFLICT" },
  {
    id: "C7",
    what: "a name that is ours with another spec",
    act: async (stage: Stage): Promise<string | string[]> => {
      const first = stage.ending(runContainerJob(stage.client, { ...SPEC, command: ["other"] }, stage.options()));
      const second = stage.adversary.onCreated;
      let clash: Promise<string> | undefined;
      stage.adversary.onCreated = async () => {
        await second();
        clash ??= stage.ending(runContainerJob(stage.newClient(), SPEC, stage.options()));
      };
      const ends = await stage.until(first);
      return [ends, await stage.until(clash ?? Promise.resolve("never"))];
    },
    ends: ["succeeded", "ACI_JOB_CONFLICT"],
  },
  {
    id: "C8",
    what: "two callers at once",
    act: async (stage: Stage): Promise<string | string[]> => {
      const callers = [stage.client, stage.newClient()].map((client) => stage.ending(runContainerJob(client, SPEC, stage.options())));
      await stage.until(...callers);
      return Promise.all(callers);
    },
    ends: ["succeeded", "succeeded"],
  },
  {
    id: "C9",
    what: "throttling, with every kind of word for how long",
    tamper: refusing(
      [429, "TooManyRequests"],
      [429, "TooManyRequests", "", { "retry-after": "3" }],
      [429, "TooManyRequests", "", { "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" }],
      [429, "TooManyRequests", "", { "x-ms-retry-after-ms": "1500" }],
      [429, "TooManyRequests", "", { "retry-after": "-7" }],
      [429, "TooManyRequests", "", { "retry-after": "NaN" }],
    ),
    ends: "succeeded",
  },
  { id: "C10", what: "a gateway that fails in every form", tamper: (stage) => nth("create", html(stage), plain(stage), bare(stage), () => ({ status: 504, headers: {}, text: "" }), () => ({ status: 200, headers: {}, text: "<html>" })), ends: "succeeded" },
  {
    id: "C11",
    what: "refusals for good",
    act: eachRefused([400, "InvalidRequestContent"], [403, "AuthorizationFailed"], [403, "RequestDisallowedByPolicy"], [404, "ResourceGroupNotFound"], [413, "RequestContentTooLarge"], [409, "DeploymentFailed"]),
    ends: ["neverStarted", "neverStarted", "neverStarted", "neverStarted", "neverStarted", "neverStarted"],
  },
  { id: "C12", what: "no capacity, and no quota", options: { locations: ["westeurope", "northeurope"] }, tamper: refusing([409, "ServiceUnavailable", NO_ROOM], [409, "ContainerGroupQuotaReached"]), ends: "succeeded" },
  { id: "C13", what: "a create that succeeds and a container that fails", spec: { image: "fail" }, tamper: () => () => undefined, ends: "failed" },
  {
    id: "C14",
    what: "a group that says it has failed and runs",
    tamper: (stage) => (heard) =>
      changing("get", (body) => {
        body.properties.provisioningState = "Failed";
        body.properties.instanceView.events = [told("Failed", stage.adversary.echo(heard))];
      })(heard),
    ends: "succeeded",
  },
  { id: "C15", what: "a container that waits for ever", options: { startTimeoutInMs: MINUTE }, tamper: complaining("FailedMount", "the share could not be mounted:"), ends: "neverStarted" },
  { id: "C16", what: "an image that cannot be pulled", tamper: complaining("BackOff", "Back-off pulling image", 5), ends: "neverStarted" },
  { id: "C17", what: "an operation that is canceled", tamper: (stage) => failing(stage, failedOperation(stage)), ends: "neverStarted" },
  { id: "C18", what: "an operation that cannot be read", tamper: (stage) => failing(stage, (heard) => stage.adversary.refuse(heard, 404, "NotFound")), ends: "neverStarted" },
  {
    id: "C19",
    what: "tokens that have expired, and a credential that fails",
    act: async (stage: Stage): Promise<string | string[]> => {
      let asked = 0;
      const moody = stage.newClient(async () => {
        if (asked++ % 3 === 1) throw Object.assign(new Error(`no token: ${stage.adversary.echo({ kind: "get", nth: 0, method: "", url: "", headers: {}, body: "" })}`), { name: "CredentialUnavailableError" });
        return CANARIES["bearer token"];
      });
      stage.tamper((heard) => (heard.nth < 2 ? stage.adversary.refuse(heard, 401, "ExpiredAuthenticationToken") : undefined));
      return stage.run({}, {}, moody);
    },
    ends: "succeeded",
  },
  {
    id: "C20",
    what: "answers that lead to another host",
    tamper: (stage) => (heard) => {
      if (heard.nth > 0 || !["create", "get"].includes(heard.kind)) return undefined;
      return stage.adversary.refuse(heard, heard.kind === "create" ? 307 : 308, "Moved", "", { location: "https://elsewhere.example/" });
    },
    ends: "notRun",
  },
];
