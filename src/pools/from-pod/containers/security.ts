import type { JsonObject, JsonValue } from "../../../json.js";
import type { Part } from "../part.js";

const NUMBERS = ["runAsUser", "runAsGroup"];
const FLAGS = ["privileged", "allowPrivilegeEscalation"];

// ACI's security context of a container: what the container says, and else what its pod says.
export function securityOf(container: Part, pod: Part | undefined): JsonObject | undefined {
  const own = container.part("securityContext");
  const context: JsonObject = {
    ...numbersIn(pod),
    ...numbersIn(own),
    ...Object.fromEntries(FLAGS.flatMap((name) => given(name, own?.value(name) === undefined ? undefined : own.flag(name)))),
    ...capabilitiesOf(own?.part("capabilities")),
  };
  for (const part of [own, pod]) {
    if (part === undefined) continue;
    // Whether an image's user is root is seen only in the image.
    if (part.flag("runAsNonRoot") && !(Number(context["runAsUser"]) > 0)) part.report.lost(part.at("runAsNonRoot"), "ACI does not look at an image's user; say `runAsUser`");
    checkProfile(part);
  }
  return Object.keys(context).length === 0 ? undefined : context;
}

function numbersIn(part: Part | undefined): JsonObject {
  return Object.fromEntries(NUMBERS.flatMap((name) => given(name, part?.number(name))));
}

function given(name: string, value: JsonValue | undefined): readonly (readonly [string, JsonValue])[] {
  return value === undefined ? [] : [[name, value]];
}

function capabilitiesOf(part: Part | undefined): JsonObject {
  const lists = (["add", "drop"] as const).map((name) => [name, part?.words(name) ?? []] as const).filter(([, words]) => words.length > 0);
  return lists.length === 0 ? {} : { capabilities: Object.fromEntries(lists) };
}

// The profile of the runtime is what ACI uses anyway.
function checkProfile(part: Part): void {
  for (const name of ["seccompProfile", "appArmorProfile"]) {
    const profile = part.part(name);
    if (profile !== undefined && profile.text("type") !== "RuntimeDefault") part.report.lost(profile.at("type"), "ACI uses the profile of its runtime");
  }
}
