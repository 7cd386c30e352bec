import type { ProbeSpec } from "../../container-spec.js";
import { expectFields, expectKeys, expectObject, expectText, expectWhole, expectWords, failUnseen } from "../expect.js";
import { checkPort } from "./check-ports.js";

const COUNTS = ["periodInSeconds", "timeoutInSeconds", "failureThreshold", "successThreshold"] as const;

// Throws for a probe that cannot be right.
export function checkProbe(field: string, probe: ProbeSpec | undefined): void {
  if (probe === undefined) return;
  expectKeys(field, probe, ["command", "httpGet", "initialDelayInSeconds", ...COUNTS]);
  const { command, httpGet } = probe;
  if ((command === undefined) === (httpGet === undefined)) throw new TypeError(`Expected \`${field}\` to have exactly one of \`command\` and \`httpGet\`.`);
  expectWords(`${field}.command`, command);
  if (httpGet !== undefined) checkHttpGet(`${field}.httpGet`, httpGet);
  expectWhole(`${field}.initialDelayInSeconds`, probe.initialDelayInSeconds, 0);
  for (const count of COUNTS) expectWhole(`${field}.${count}`, probe[count], 1);
}

function checkHttpGet(field: string, httpGet: NonNullable<ProbeSpec["httpGet"]>): void {
  expectFields(field, httpGet, ["port", "path", "scheme", "headers"]);
  const { port, path, scheme, headers } = httpGet;
  checkPort(`${field}.port`, port);
  if (path !== undefined) expectText(`${field}.path`, path);
  if (scheme !== undefined) expectText(`${field}.scheme`, scheme);
  if (headers !== undefined) expectObject(`${field}.headers`, headers);
  // A header may be a password.
  for (const [name, value] of Object.entries<unknown>(headers ?? {})) if (typeof value !== "string") failUnseen(`${field}.headers.${name}`, "a string", value);
}
