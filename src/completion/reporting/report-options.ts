import { expectMethods, expectPositive, expectText, fail } from "../../lifecycle/expect.js";
import type { Mailbox } from "../../signal.js";

/** What all strategies have in common whose containers report by themselves. @public */
export interface ReportOptions {
  /** Where signals are kept until they are taken. @defaultValue a {@link memoryMailbox}, which only this process can see */
  readonly mailbox?: Mailbox | undefined;
  /**
   * Who reports. `wrapper`: a small shell script around the command, which the spec must have, with `curl` or GNU `wget` (for
   * plain http also BusyBox). `container`: your own program, with what it finds in its environment.
   *
   * @defaultValue `"wrapper"`
   */
  readonly report?: "wrapper" | "container" | undefined;
  /**
   * An image whose init container brings a shell and curl for images that have none: built from `helper/Dockerfile` of this
   * library's repository. @defaultValue none: the image has a shell
   */
  readonly helperImage?: string | undefined;
  /** How often the wrapper says that it lives, in whole seconds: a multiple of 1000. @defaultValue never */
  readonly heartbeatIntervalInMs?: number | undefined;
  /** How often a job that says nothing is looked at, 10 seconds to 10 minutes. @defaultValue `120_000` (2 minutes) */
  readonly safetyIntervalInMs?: number | undefined;
}

export interface ResolvedReportOptions {
  readonly report: "wrapper" | "container";
  readonly helperImage: string | undefined;
  readonly heartbeatIntervalInMs: number;
  readonly safetyIntervalInMs: number;
}

const [SHORTEST_SAFETY_IN_MS, LONGEST_SAFETY_IN_MS] = [10_000, 600_000];
const SAFETY_IN_MS = 120_000;

// Throws a TypeError or RangeError for options that cannot be right.
export function resolveReportOptions(options: ReportOptions): ResolvedReportOptions {
  const { report, helperImage, heartbeatIntervalInMs, safetyIntervalInMs: safety } = options;
  expectMethods("mailbox", options.mailbox, ["put", "receive", "acknowledge"], "a Mailbox, such as `memoryMailbox()` makes");
  if (report !== undefined && !["wrapper", "container"].includes(report)) fail("report", '"wrapper" or "container"', report);
  if (helperImage !== undefined) expectText("helperImage", helperImage);
  checkHeartbeat(heartbeatIntervalInMs);
  expectPositive("safetyIntervalInMs", safety);
  if (safety !== undefined && (safety < SHORTEST_SAFETY_IN_MS || safety > LONGEST_SAFETY_IN_MS)) fail("safetyIntervalInMs", `${SHORTEST_SAFETY_IN_MS} to ${LONGEST_SAFETY_IN_MS}`, safety);
  return { report: report ?? "wrapper", helperImage, heartbeatIntervalInMs: heartbeatIntervalInMs ?? 0, safetyIntervalInMs: safety ?? SAFETY_IN_MS };
}

// A shell sleeps for whole seconds.
function checkHeartbeat(intervalInMs: number | undefined): void {
  expectPositive("heartbeatIntervalInMs", intervalInMs, 1000);
  if (intervalInMs !== undefined && intervalInMs % 1000 !== 0) fail("heartbeatIntervalInMs", "whole seconds", intervalInMs);
}
