import type { FaultRule } from "./fault-rule.js";

const KINDS = ["create", "get", "list", "patch", "delete", "start", "stop", "restart", "logs", "exec", "attach", "operation", "usages", "resources", "token", "other", "any"];
const REFUSALS = ["notFound", "forgotten", "capacity", "quota", "throttled", "transitioning", "registry", "internal", "unavailable", "gatewayTimeout", "logNotAvailable", "expiredToken"];
const ANSWERS = ["reset", "resetAfter", "pass", "undone", "stale", "emptyLogs", ...REFUSALS];
const HAPPENINGS = ["capacity", "imagePull", "slowPull", "stuckWaiting", "lost", "platformRestart", "maintenance"];
const AMOUNTS = ["times", "after", "fromInMs", "untilInMs", "delayInMs", "afterInMs", "forInMs"];
const NAMES = new Set([...AMOUNTS, "on", "answer", "happens", "name", "probability"]);

/** Reads a rule that may have come from anywhere; throws a TypeError or RangeError that names the field. */
export function checkRule(rule: unknown): FaultRule {
  if (!isRecord(rule)) throw new TypeError(`Expected a fault to be an object, got \`${String(rule)}\``);
  const strange = Object.keys(rule).find((name) => !NAMES.has(name));
  expect("fields", strange, strange === undefined, `among ${[...NAMES].join(", ")}`);
  if ("happens" in rule === "on" in rule) throw new TypeError("Expected a fault to have either `on` and `answer`, or `happens`");
  if ("happens" in rule) expect("happens", rule["happens"], HAPPENINGS.includes(String(rule["happens"])), `one of ${HAPPENINGS.join(", ")}`);
  else checkRequestFault(rule);
  checkConditions(rule);
  return rule as unknown as FaultRule;
}

function checkConditions(rule: Readonly<Record<string, unknown>>): void {
  for (const name of AMOUNTS) expect(name, rule[name], rule[name] === undefined || isAmount(rule[name]), "a number of 0 or more");
  const { probability, name } = rule;
  expect("probability", probability, probability === undefined || (isAmount(probability) && probability <= 1), "a number from 0 to 1");
  expect("name", name, name === undefined || typeof name === "string", "a string");
}

function checkRequestFault({ on, answer }: Readonly<Record<string, unknown>>): void {
  const kinds: readonly unknown[] = Array.isArray(on) ? on : [on];
  expect("on", on, kinds.length > 0 && kinds.every((kind) => KINDS.includes(String(kind))), `one or more of ${KINDS.join(", ")}`);
  if (!isRecord(answer)) { expect("answer", answer, ANSWERS.includes(String(answer)), `one of ${ANSWERS.join(", ")}, or an object`); return; }
  const { status, code, message } = answer;
  expect("answer.status", status, Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599, "a whole number from 400 to 599");
  expect("answer.code", code, typeof code === "string", "a string");
  expect("answer.message", message, typeof message === "string", "a string");
}

function expect(name: string, value: unknown, isRight: boolean, form: string): void {
  if (!isRight) throw new RangeError(`Expected \`${name}\` of a fault to be ${form}, got \`${String(value)}\``);
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
