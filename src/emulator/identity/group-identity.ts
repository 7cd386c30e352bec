import type { MetadataAnswer, MetadataRequest } from "../engine.js";
import { tokenBody, type Tokens } from "../tokens/tokens.js";
import type { AssignedIdentity } from "./assigned.js";

const HOST = /^169\.254\.169\.254(:80)?$/;
// The longest audience. A token names it twice, in base64 and as it came; an answer that is too long would not reach its container.
const LONGEST_AUDIENCE = 2048;
const TOKEN_PATH = /^\/metadata\/identity\/oauth2\/token\/?$/i;

/** The identities of one deployment of a group, and the tokens that its containers get for them. */
export class GroupIdentity {
  /** What the group's containers show where no address vouches for them. */
  readonly secret: string;
  readonly thumbprint: string;

  /** @param deployment - Its id. The same one has the same secret in the next emulator on a state folder: its containers run on. */
  constructor(
    private readonly identities: readonly AssignedIdentity[],
    private readonly tokens: Tokens,
    deployment: string,
  ) {
    this.secret = tokens.derive(`identity ${deployment}`);
    this.thumbprint = tokens.derive(`thumbprint ${deployment}`).slice(0, 40);
  }

  /** Answers a request to 169.254.169.254 as the instance metadata service does. */
  readonly metadata = ({ method, url, headers }: MetadataRequest): MetadataAnswer => {
    // Intentionally no URL of it: what a container sends need not be one.
    const [path = "", ...rest] = url.split("?");
    const query = new URLSearchParams(rest.join("?"));
    // A page that is shown in the container and was led here by another name may send any other header.
    if (!HOST.test(String(headers["host"]))) return refusal("Invalid hostname");
    if (!TOKEN_PATH.test(path)) return { status: 404, body: { error: "Not found" } };
    if (method !== "GET") return { status: 405, body: { error: "Method not allowed" } };
    // What a proxy has passed on may come from anywhere.
    if (headers["metadata"]?.toString().toLowerCase() !== "true" || headers["x-forwarded-for"] !== undefined) return refusal("Required metadata header not specified");
    if (!query.has("api-version")) return refusal("Required query variable 'api-version' is missing");
    return this.answerToken(query);
  };

  /** A token for the audience and the identity that are asked for. */
  answerToken(query: URLSearchParams): MetadataAnswer {
    const audience = query.get("resource") ?? "";
    if (audience === "") return refusal("Required audience parameter not specified");
    if (audience.length > LONGEST_AUDIENCE) return refusal("The audience parameter is too long");
    const found = this.#choose(query);
    if (typeof found === "string") return refusal(found);
    const { expires_in, ext_expires_in, ...rest } = tokenBody(this.tokens.issue(audience, found.clientId, Date.now(), found.principalId), audience, found.clientId);
    return { status: 200, body: { ...rest, expires_in: String(expires_in), ext_expires_in: String(ext_expires_in) } };
  }

  // The one that is named; else the system's own; else the only one.
  #choose(query: URLSearchParams): AssignedIdentity | string {
    const named = (...names: readonly string[]): string | undefined => names.map((name) => query.get(name)).find((value) => value !== null && value !== "")?.toLowerCase();
    const clientId = named("client_id", "clientid");
    const principalId = named("principalId", "principal_id", "object_id");
    const resourceId = named("mi_res_id", "msi_res_id");
    if (clientId !== undefined || principalId !== undefined || resourceId !== undefined) {
      return this.identities.find((one) => one.clientId === clientId || one.principalId === principalId || (resourceId !== undefined && one.resourceId?.toLowerCase() === resourceId)) ?? "Identity not found";
    }
    const own = this.identities.find((one) => one.resourceId === undefined);
    if (own !== undefined) return own;
    const [only, ...others] = this.identities;
    return only === undefined || others.length > 0 ? "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request" : only;
  }
}

function refusal(description: string): MetadataAnswer {
  return { status: 400, body: { error: "invalid_request", error_description: description } };
}
