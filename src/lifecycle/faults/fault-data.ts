import { isAciError } from "../../errors.js";
import type { JobFault } from "../../job-result.js";

/** What is told of an error in results and reports: data without a stack or a cause. */
export function faultData(error: unknown): JobFault {
  if (!isAciError(error)) return { code: "ACI_REQUEST_FAILED", text: error instanceof Error ? error.message : String(error) };
  const { code, message, serviceCode, statusCode, requestId } = error;
  const text = message.replace(/ \[ACI_[A-Z_]+\]$/u, "");
  return { code, text, ...(serviceCode !== undefined && { serviceCode }), ...(statusCode !== undefined && { statusCode }), ...(requestId !== undefined && { requestId }) };
}
