import type { JobView } from "../../completion-strategy.js";
import type { Environment } from "../../container-spec.js";
import { deriveCredential } from "./signature.js";

// What a container needs in order to call.
export function callbackEnvironment({ key: jobKey, attempt, groupName }: JobView, url: string, secret: string): Environment {
  const { token, key } = deriveCredential(secret, groupName);
  const target = new URL(url);
  target.searchParams.set("job", jobKey);
  target.searchParams.set("attempt", String(attempt));
  return {
    ACI_JOB_CALLBACK_URL: { secureValue: target.href },
    ACI_JOB_CALLBACK_TOKEN: { secureValue: token },
    ACI_JOB_CALLBACK_SECRET: { secureValue: `whsec_${key.toString("base64")}` },
  };
}
