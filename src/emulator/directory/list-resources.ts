import { ArmError } from "../arm-error.js";
import type { Group } from "../groups/group.js";
import { pageOf } from "../handlers/page.js";
import type { Handler } from "../server/call.js";

const GROUP_TYPE = "Microsoft.ContainerInstance/containerGroups";

/** The resources of a subscription or resource group; the only kind there is here are container groups. */
export const listResources: Handler = (call) => {
  const { azure, parts, query } = call;
  const isAsked = readFilter(query.get("$filter") ?? "");
  const hasTimes = (query.get("$expand") ?? "").toLowerCase().split(",");
  const groups = azure.groups.list(parts["subscription"] ?? "", parts["resourceGroup"]).filter(isAsked);
  const body = pageOf(call, groups, ({ id, address, body: { location, tags }, createdAt, changedAt }) => ({
    id,
    name: address.name,
    type: GROUP_TYPE,
    location,
    ...(tags === undefined ? {} : { tags }),
    ...(hasTimes.includes("createdtime") ? { createdTime: armTime(createdAt) } : {}),
    ...(hasTimes.includes("changedtime") || hasTimes.includes("createdtime") ? { changedTime: armTime(changedAt) } : {}),
  }), ({ place }) => place);
  return { status: 200, body };
};

// `resourceType eq '…' and tagName eq '…' and tagValue eq '…'`: the comparisons that ARM joins by `and`.
function readFilter(filter: string): (group: Group) => boolean {
  if (filter.trim() === "") return () => true;
  const terms = filter.split(/\s+and\s+/i).map((term) => /^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(term));
  if (terms.includes(null)) throw new ArmError(400, "InvalidFilterInQueryString", `Invalid $filter '${filter}' specified in the query string.`);
  const wanted = new Map(terms.map((term) => [(term?.[1] ?? "").toLowerCase(), (term?.[2] ?? "").replaceAll("''", "'")]));
  return (group) => [...wanted].every(([field, value]) => matches(group, field, value, wanted.get("tagname")));
}

function matches(group: Group, field: string, value: string, tagName: string | undefined): boolean {
  const tags = Object.entries(group.body.tags ?? {});
  const equals = (text: string): boolean => text.toLowerCase() === value.toLowerCase();
  if (field === "resourcetype") return equals(GROUP_TYPE);
  if (field === "resourcegroup") return equals(group.address.resourceGroup);
  if (field === "location") return equals(group.body.location);
  if (field === "name") return equals(group.address.name);
  if (field === "tagname") return tags.some(([name]) => equals(name));
  if (field === "tagvalue") return tags.some(([name, tag]) => name.toLowerCase() === tagName?.toLowerCase() && tag === value);
  throw new ArmError(400, "InvalidFilterInQueryString", `The filter on '${field}' is not supported.`);
}

function armTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "0000Z");
}
