import type { Headroom } from "../gateway.js";
import type { ArmResponse } from "./arm-client.js";

const PREFIX = "x-ms-ratelimit-remaining-subscription-";

// What an answer says of how much more may be asked. Reads, writes and deletes are counted apart, and an answer tells of its own.
export function headroomIn(headers: ArmResponse["headers"]): Headroom {
  const number = (name: string): number | undefined => {
    const value = headers.get(`${PREFIX}${name}`) ?? "";
    return /^\d{1,9}$/u.test(value) ? Number(value) : undefined;
  };
  return {
    requests: number("reads") ?? number("writes") ?? number("deletes"),
    inFiveMinutes: number("resource-requests-pt5m"),
    inAnHour: number("resource-requests-pt1h"),
  };
}
