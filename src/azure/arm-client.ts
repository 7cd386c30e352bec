import { ContainerInstanceManagementClient } from "@azure/arm-containerinstance";
import type { TokenCredential } from "@azure/core-auth";
import type { HttpMethods, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { AciError } from "../errors.js";
import { onAbort, OVER } from "../internal/abort.js";
import { isLoopback } from "../internal/loopback.js";
import { redactor } from "../internal/redact.js";
import type { JsonObject } from "../json.js";
import type { Headroom } from "../gateway.js";
import type { AzureClock } from "./azure-clock.js";
import { armRequest, type Sent } from "./pipeline/arm-request.js";
import { hasGivenToken, inTime, noToken, plainBearerPolicy } from "./pipeline/credential.js";
import { AFTER_PROXY, fewConnections } from "./pipeline/few-connections.js";
import { headroomIn } from "./headroom.js";
import { answerError, transportError } from "./to-error.js";

export interface ArmOptions {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly credential?: TokenCredential | undefined;
  readonly endpoint?: string | undefined;
  /** How long a request may take, its token included, before it counts as lost. */
  readonly requestTimeoutInMs?: number | undefined;
  /** Told when answers were given. */
  readonly azureClock?: AzureClock | undefined;
  /** Told what each answer says of how much more may be asked. */
  readonly onHeadroom?: ((method: HttpMethods, headroom: Headroom) => void) | undefined;
}

export interface ArmRequest {
  /** What it is, for the error: `Create of container group "x"`. */
  readonly what: string;
  readonly method: HttpMethods;
  /** A path of the service, or a whole address that the service gave us. */
  readonly url: string;
  readonly body?: JsonObject | undefined;
  readonly accept: readonly number[];
  readonly abortSignal?: AbortSignal | undefined;
  /** What no error may show, should the answer repeat it. */
  readonly secrets?: readonly string[] | undefined;
  /** Told when it was answered, if an answer tells: its header, in whole seconds. */
  readonly onDate?: ((date: string | undefined) => void) | undefined;
}

/** One request, one answer. */
export interface ArmSender {
  send(request: ArmRequest): Promise<ArmAnswer>;
}

/** An answer as it came. */
export interface ArmResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null | undefined;
}

export interface ArmAnswer {
  readonly status: number;
  readonly headers: ArmResponse["headers"];
  /** Undefined where there is none. */
  readonly body: unknown;
}

// The policies of Microsoft's client that are not used, by name: one sends again; one gives no token to plain http; two read and
// write bodies by descriptions that single requests do not have.
const RETRY_POLICY = "defaultRetryPolicy";
const BEARER_POLICY = "bearerTokenAuthenticationPolicy";
const BODY_POLICIES = ["deserializationPolicy", "serializationPolicy"];

// Sends single requests through Microsoft's own pipeline: credentials, user agent, proxies. Its retries are off, because
// it would send a PUT twice.
export class ArmClient implements ArmSender {
  readonly #client: ContainerInstanceManagementClient;
  readonly #origin: string;
  readonly #isPlain: boolean;
  readonly #timeoutInMs: number;
  readonly #onHeadroom: ArmOptions["onHeadroom"];
  readonly #credential: TokenCredential | undefined;
  // The token that was sent last, and what takes it out of answers.
  #token = "";
  #hideToken = redactor([]);

  constructor(options: ArmOptions) {
    const endpoint = new URL(options.endpoint ?? "https://management.azure.com");
    this.#isPlain = endpoint.protocol === "http:";
    if (this.#isPlain && !isLoopback(endpoint)) {
      throw new TypeError(`Expected \`endpoint\` to be an https URL, or one of this machine, got \`"${endpoint.href}"\` (string).`);
    }
    this.#origin = endpoint.origin;
    this.#timeoutInMs = options.requestTimeoutInMs ?? 60_000;
    this.#onHeadroom = options.onHeadroom;
    this.#credential = options.credential;
    const credential = inTime(options.credential, this.#timeoutInMs);
    const scope = `${endpoint.origin}/.default`;
    // Redirects would carry the token to wherever they point.
    this.#client = new ContainerInstanceManagementClient(credential, options.subscriptionId, {
      endpoint: endpoint.origin,
      credentialScopes: [scope],
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
    });
    for (const name of [RETRY_POLICY, ...BODY_POLICIES]) this.#client.pipeline.removePolicy({ name });
    this.#client.pipeline.addPolicy(fewConnections(), AFTER_PROXY);
    if (!this.#isPlain) return;
    this.#client.pipeline.removePolicy({ name: BEARER_POLICY });
    this.#client.pipeline.addPolicy(plainBearerPolicy(credential, scope), { phase: "Sign" });
  }

  // One request, one answer. Throws an AciError for any status but those accepted.
  async send(request: ArmRequest): Promise<ArmAnswer> {
    const { abortSignal } = request;
    abortSignal?.throwIfAborted();
    const [url, body] = [this.#address(request), request.body && JSON.stringify(request.body)];
    const { signal, over, release } = deadline(this.#timeoutInMs, abortSignal);
    const sent = this.#prepare({ url, method: request.method, body }, signal);
    let response: PipelineResponse;
    try {
      // A credential may not listen to the signal.
      response = await Promise.race([this.#client.sendRequest(sent), over]);
    } catch (error) {
      abortSignal?.throwIfAborted();
      const secrets = this.#secretsOf(request, sent);
      throw unread({ ...request, secrets }, signal.aborted ? this.#late(sent) : error, hasGivenToken(this.#credential) ? "credential" : "noCredential");
    } finally {
      release();
    }
    this.#onHeadroom?.(request.method, headroomIn(response.headers));
    const secrets = this.#secretsOf(request, sent);
    return readAnswer({ ...request, secrets }, response, this.#hideToken);
  }

  #prepare(what: Pick<Sent, "url" | "method" | "body">, abortSignal: AbortSignal): PipelineRequest {
    const headers = { accept: "application/json", ...(what.body !== undefined && { "content-type": "application/json" }) };
    return armRequest({ ...what, headers, abortSignal, allowInsecureConnection: this.#isPlain });
  }

  // What has no token by then was not sent.
  #late(sent: PipelineRequest): Error {
    return sent.headers.has("authorization") ? Object.assign(new Error(`no answer within ${this.#timeoutInMs} ms`), { code: "ETIMEDOUT" }) : noToken(this.#timeoutInMs);
  }

  // What no error may show: what the caller says, and the token that the pipeline has added. Who gets no new token may be told
  // so with the old one.
  #secretsOf({ secrets = [] }: ArmRequest, sent: PipelineRequest): readonly string[] {
    const token = sent.headers.get("authorization")?.replace(/^Bearer /u, "") ?? this.#token;
    if (token !== this.#token) [this.#token, this.#hideToken] = [token, redactor([token])];
    return [...secrets, token];
  }

  #address({ what, url }: ArmRequest): string {
    if (/^\/(?!\/)/u.test(url)) return `${this.#origin}${url}`;
    if (new URL(url, this.#origin).origin === this.#origin) return url;
    throw new AciError(`${what} was not sent: the service named another host, and the token is not for it`, { code: "ACI_REQUEST_FAILED" });
  }
}

// What an answer means: an AciError for any status but those accepted. `hide` takes out of its body what nobody is to see.
export function readAnswer({ what, accept, secrets, onDate }: ArmRequest, response: ArmResponse, hide: (text: string) => string = (text) => text): ArmAnswer {
  onDate?.(response.headers.get("date"));
  if (!accept.includes(response.status)) throw answerError(what, response, secrets);
  return { status: response.status, headers: response.headers, body: bodyOf(what, response, hide) };
}

// The error for what the pipeline throws. It does so for answers, too, of which it cannot make anything; where that is a good
// one, its error has all of the answer in its words.
function unread({ what, accept, secrets }: ArmRequest, error: unknown, credentialWord: string): AciError {
  const { response } = error as { response?: PipelineResponse };
  if (response === undefined) return transportError(what, error, secrets, credentialWord);
  return accept.includes(response.status) ? badBody(what) : answerError(what, response, secrets);
}

// The body of a good answer. One that is no JSON was cut off or written by something in between.
function bodyOf(what: string, { bodyAsText }: ArmResponse, hideToken: (text: string) => string): unknown {
  if (bodyAsText === undefined || bodyAsText === null || bodyAsText === "") return undefined;
  try {
    return JSON.parse(hideToken(bodyAsText));
  } catch {
    throw badBody(what);
  }
}

// The error for a good answer that does not hold what it should.
export function badBody(what: string): AciError {
  return transportError(what, Object.assign(new Error("the answer is not what was asked for"), { code: "EBADBODY" }));
}

/** The time that a request has. */
interface Deadline {
  /** Fires when time is up, or the caller's signal does. */
  readonly signal: AbortSignal;
  /** Rejects then. */
  readonly over: Promise<never>;
  /** Lets go of the caller's signal and the timer. */
  readonly release: () => void;
}

function deadline(ms: number, abortSignal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let stop: (reason: Error) => void = () => undefined;
  const over = new Promise<never>((_resolve, reject) => (stop = reject));
  const abort = (): void => {
    controller.abort(OVER);
    stop(OVER);
  };
  const timer = setTimeout(abort, ms);
  const letGo = abortSignal && onAbort(abortSignal, abort);
  const release = (): void => {
    clearTimeout(timer);
    letGo?.();
  };
  return { signal: controller.signal, over, release };
}
