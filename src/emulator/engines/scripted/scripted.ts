import { createHash } from "node:crypto";
import type { VirtualClock } from "../../../internal/clock.js";
import { ImageError, type Engine, type EngineSession } from "../../engine.js";
import type { ScriptedContainer } from "./scripted-container.js";
import { ScriptedRun } from "./scripted-run.js";

/**
 * Options for {@link scripted}.
 *
 * @public
 */
export interface ScriptedOptions {
  /**
   * The time that containers and groups live in. Nothing that waits goes on before this clock is moved.
   *
   * @defaultValue the machine's own time
   */
  readonly clock?: VirtualClock | undefined;
}

/**
 * An engine whose containers are functions of a test: each image is one, and what it returns is the exit code.
 *
 * @param images - For each image, with or without its tag, what a container of it does. An image that is not here cannot
 * be had, as if it were in no registry. A function that throws ends with exit code 1.
 * @param options - See {@link ScriptedOptions}.
 *
 * @example
 * ```ts
 * const emulator = await startEmulator({ engine: scripted({ hello: (c) => { c.print("hi\n"); return 0; } }) });
 * ```
 * @public
 */
export function scripted(images: Readonly<Record<string, (container: ScriptedContainer) => number | Promise<number>>>, options: ScriptedOptions = {}): Engine {
  let session: EngineSession | undefined;
  const running = new Set<ScriptedRun>();
  const find = (image: string): ((container: ScriptedContainer) => number | Promise<number>) => {
    const program = images[image] ?? images[image.replace(/:[^:/]+$/, "")];
    if (program === undefined) throw new ImageError("inaccessible", image, `No function is given for image "${image}"; those with one: ${Object.keys(images).join(", ") || "none"}`);
    return program;
  };
  return {
    name: "scripted",
    clock: options.clock,
    async open(opened) {
      session = opened;
      return "Containers are functions of this program.";
    },
    async checkImage(image) {
      find(image);
    },
    // Functions have no files, so that volumes of all kinds are taken and nothing is done about them.
    async openGroup() {
      const { clock } = session ?? {};
      if (clock === undefined) throw new Error("The scripted engine is not open");
      const runs = new Set<ScriptedRun>();
      return {
        ip: "127.0.0.1",
        pull: async (image) => {
          find(image);
          return `sha256:${createHash("sha256").update(image).digest("hex")}`;
        },
        start: async (container) => {
          const run = new ScriptedRun(container, find(container.image), clock);
          for (const set of [runs, running]) set.add(run);
          void run.ended.then(() => [runs, running].forEach((set) => set.delete(run)));
          return run;
        },
        close: async () => {
          await Promise.all([...runs].map((run) => run.stop(0)));
        },
      };
    },
    async close() {
      await Promise.all([...running].map((run) => run.stop(0)));
    },
  };
}
