import { statSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { SweepReport, SweptGroup } from "aci-lifecycle";

interface SweepFlags {
  readonly dryRun?: true;
  readonly owner?: string;
  readonly grace?: number;
  readonly tag: Readonly<Record<string, string>>;
  readonly maxDeletes?: number;
  readonly store?: string;
  readonly json?: true;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `aci-lifecycle sweep`: deletes the groups of an owner whose time is over, once. */
export function sweepCommand(): Command {
  return new Command("sweep")
    .description("Delete the container groups of jobs that outlived their time. Where: by AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZURE_LOCATION.")
    .option("--dry-run", "delete nothing, and show what would be deleted and what it costs")
    .option("--owner <name>", "whose groups: the `owner` of the client that made them")
    .option("--grace <duration>", "how long a group may be there after its time is over: 90s, 10m, 2h, 1d (default: 10m)", readDuration)
    .addOption(new Option("--tag <name=value>", "only groups that have this tag too; can be repeated").argParser(readTag).default({}, "none"))
    .option("--max-deletes <number>", "the most to delete in this pass (default: 20 % of the owner's groups, at least 10)", readCount)
    .option("--store <folder>", "the folder of the `folderStore()` that all jobs of this owner are run with", readFolder)
    .option("--json", "print the report as JSON")
    .action(run);
}

async function run({ dryRun, owner, grace, tag, maxDeletes, store, json }: SweepFlags): Promise<void> {
  const { AciClient, folderStore, sweep } = await import("aci-lifecycle");
  const client = AciClient.fromEnvironment(owner === undefined ? {} : { owner });
  const report = await sweep(client, { dryRun, graceInMs: grace, tags: tag, maxDeletes, store: store === undefined ? undefined : folderStore(store) });
  console.log(json === true ? JSON.stringify(report, undefined, 2) : textOf(report));
  if (report.counts.failed > 0) process.exitCode = 1;
}

function textOf({ owner, groups, counts, costPerHour, currency, ratesAsOf, isDryRun }: SweepReport): string {
  const done = Object.entries(counts).filter(([, count]) => count > 0).map(([action, count]) => `${count} ${action}`);
  const sum = `${groups.length} groups of owner "${owner}": ${done.join(", ") || "nothing to do"}`;
  const cost = costPerHour > 0 ? [`What ${isDryRun ? "would be" : "was"} deleted cost about ${costPerHour} ${currency} an hour (list prices of ${ratesAsOf}).`] : [];
  return [...tableOf(groups), sum, ...cost].join("\n");
}

// Columns as wide as what is in them; none for no groups.
function tableOf(groups: readonly SweptGroup[]): readonly string[] {
  if (groups.length === 0) return [];
  const rows = groups.map(({ groupName, action, ageInMs, reason, error }) => [groupName, action, ageOf(ageInMs), error === undefined ? reason : `${reason}; ${error.text}`]);
  const all = [["GROUP", "ACTION", "AGE", "WHY"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return [...all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()), ""];
}

// The largest unit that there is at least one of.
function ageOf(ms: number | undefined): string {
  if (ms === undefined) return "?";
  const [unit, size] = Object.entries(UNITS).findLast(([, size]) => ms >= size) ?? ["s", 1000];
  return `${Math.floor(ms / size)}${unit}`;
}

function readDuration(text: string): number {
  const [, count, unit = ""] = /^(\d+)([smhd])$/u.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError("It is not a number with s, m, h or d.");
  return Number(count) * (UNITS[unit] ?? 1000);
}

function readTag(text: string, sofar: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It is not of the form name=value.");
  return { ...sofar, [text.slice(0, at)]: text.slice(at + 1) };
}

// One that is not there would do for an empty store, by which no job keeps its group.
function readFolder(text: string): string {
  if (statSync(text, { throwIfNoEntry: false })?.isDirectory() !== true) throw new InvalidArgumentError("It is not a folder that is there.");
  return text;
}

function readCount(text: string): number {
  if (!/^\d+$/u.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return Number(text);
}
