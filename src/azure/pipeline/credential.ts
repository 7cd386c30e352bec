import type { TokenCredential } from "@azure/core-auth";
import type { PipelinePolicy } from "@azure/core-rest-pipeline";

// Those that have given a token to this process; the default ones are one to that.
const PROVEN = new WeakSet<object>();
const DEFAULT = {};

// Whether a credential has given a token before, to any client. None is the default one.
export function hasGivenToken(credential: TokenCredential | undefined): boolean {
  return PROVEN.has(credential ?? DEFAULT);
}

// Loads `@azure/identity` when the first token is wanted: it takes a quarter of a second.
function lazyDefaultCredential(): TokenCredential {
  let credential: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      credential ??= import("@azure/identity").then(({ DefaultAzureCredential }) => new DefaultAzureCredential());
      return (await credential).getToken(scopes, options);
    },
  };
}

// A credential that answers in time or fails: the pipeline asks once for all requests that wait for a token, and would wait
// for ever for a question that is never answered. However it fails, it is known that nothing was sent.
export function inTime(given: TokenCredential | undefined, ms: number): TokenCredential {
  const credential = given ?? lazyDefaultCredential();
  return {
    async getToken(scopes, options) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(noToken(ms)), ms);
      });
      try {
        const token = (await Promise.race([credential.getToken(scopes, options), late])) ?? fail(new Error("the credential gave no token"));
        PROVEN.add(given ?? DEFAULT);
        return token;
      } catch (error) {
        return fail(error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

// Whether an error is one of a credential, by its name.
export function isCredentialError({ name = "" }: { readonly name?: string | undefined }): boolean {
  return /^(Credential|Authentication|AggregateAuthentication)/u.test(name);
}

// What a credential fails with is told from what a connection does.
function fail(error: unknown): never {
  const { name, message = String(error) } = (error ?? {}) as { name?: string; message?: string };
  throw Object.assign(new Error(message), { name: isCredentialError({ name }) ? name : "CredentialError" });
}

// The error for a token that did not come.
export function noToken(ms: number): Error {
  return Object.assign(new Error(`the credential gave no token within ${ms} ms`), { name: "AuthenticationTimeoutError" });
}

// The pipeline's own policy gives no token to plain http. To an emulator on this machine we do.
export function plainBearerPolicy(credential: TokenCredential, scope: string): PipelinePolicy {
  return {
    name: "plainBearerPolicy",
    async sendRequest(request, next) {
      const token = await credential.getToken(scope);
      if (token !== null) request.headers.set("authorization", `Bearer ${token.token}`);
      return next(request);
    },
  };
}
