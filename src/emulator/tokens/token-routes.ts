import type { Answer } from "../server/answer.js";
import type { Call, Handler } from "../server/call.js";
import { guidOf } from "../guid.js";
import { TENANT_ID, tokenBody } from "./tokens.js";

const ARM_AUDIENCE = "https://management.core.windows.net/";
const DEFAULT_CLIENT_ID = guidOf("aci-lifecycle client");

/** A service principal's login: the client secret is the emulator's token. */
export const issueForClient: Handler = (call) => {
  const form = readForm(call.body);
  const clientId = form.get("client_id") ?? DEFAULT_CLIENT_ID;
  if (!call.azure.tokens.isSecret(form.get("client_secret") ?? "")) {
    return { status: 401, body: { error: "invalid_client", error_description: "AADSTS7000215: Invalid client secret provided. The client secret of the emulator is its token.", error_codes: [7000215] } };
  }
  const audience = form.get("resource") ?? (form.get("scope") ?? ARM_AUDIENCE).replace(/\/\.default$/, "");
  return tokenAnswer(call, audience, clientId);
};

/**
 * A managed identity's login. The secret of a group's identity has to come with it, or the emulator's token, by path or by
 * header, as there is no network that would vouch for the caller.
 */
export const issueForIdentity: Handler = (call) => {
  const { headers, parts, query } = call;
  const secrets = [parts["secret"], headers["x-identity-header"], headers["secret"]].map(String);
  const identity = secrets.map((secret) => call.azure.identities.find(secret)).find((found) => found !== undefined);
  if (identity !== undefined) return identity.answerToken(new URLSearchParams([...query, ...readForm(call.body)]));
  if (!secrets.some((secret) => call.azure.tokens.isSecret(secret))) return { status: 401, body: { error: "unauthorized_client", error_description: "The secret of the identity endpoint is missing or wrong." } };
  const form = readForm(call.body);
  const audience = form.get("resource") ?? query.get("resource") ?? ARM_AUDIENCE;
  return tokenAnswer(call, audience, form.get("client_id") ?? query.get("client_id") ?? DEFAULT_CLIENT_ID);
};

/** Where to log in, in the form of OpenID's discovery. */
export const describeAuthority: Handler = ({ azure, path }) => {
  const authority = `${azure.endpoint}${path.replace(/(\/v2\.0)?\/\.well-known\/openid-configuration\/?$/i, "")}`;
  return {
    status: 200,
    body: {
      issuer: `${authority}/`,
      authorization_endpoint: `${authority}/oauth2/authorize`,
      token_endpoint: `${authority}/oauth2/token`,
      device_authorization_endpoint: `${authority}/oauth2/devicecode`,
      jwks_uri: `${authority}/discovery/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
    },
  };
};

/** What a client has to know about this cloud. Newer versions answer a list of clouds. */
export const describeCloud: Handler = ({ azure, apiVersion }) => {
  const { endpoint } = azure;
  const authentication = { loginEndpoint: `${endpoint}/`, audiences: [ARM_AUDIENCE, "https://management.azure.com/"] };
  const cloud = { portalEndpoint: endpoint, galleryEndpoint: endpoint, graphEndpoint: endpoint, authentication };
  if (apiVersion < "2018") return { status: 200, body: cloud };
  return {
    status: 200,
    body: [
      {
        name: "AciLifecycleEmulator",
        portal: endpoint,
        gallery: endpoint,
        graph: endpoint,
        graphAudience: endpoint,
        resourceManager: endpoint,
        media: endpoint,
        batch: endpoint,
        authentication: { ...authentication, tenant: TENANT_ID, identityProvider: "AAD" },
        suffixes: { storage: "core.windows.net", acrLoginServer: "azurecr.io", keyVaultDns: "vault.azure.net" },
      },
    ],
  };
};

function tokenAnswer({ azure }: Call, audience: string, clientId: string): Answer {
  return { status: 200, body: tokenBody(azure.tokens.issue(audience, clientId), audience, clientId) };
}

function readForm(body: unknown): URLSearchParams {
  return new URLSearchParams(typeof body === "string" ? body : "");
}
