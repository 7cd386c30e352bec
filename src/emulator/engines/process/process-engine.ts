import { join } from "node:path";
import { ImageError, type Engine, type EngineGroupSpec, type EngineSession } from "../../engine.js";
import { ProcessFolder } from "./process-folder.js";
import { ProcessGroup } from "./process-group.js";

/**
 * Runs the command of each container as a child process of this one, in a folder of its own. It is no isolation: the
 * command can do whatever this user can, and the image is only a label.
 */
export function processEngine(): Engine {
  let session: EngineSession | undefined;
  let folder: ProcessFolder | undefined;
  const groups = new Set<ProcessGroup>();
  const opened = (spec: EngineGroupSpec): Parameters<typeof ProcessGroup.open> => {
    if (session === undefined || folder === undefined) throw new Error("The process engine is not open");
    return [spec, join(folder.path, spec.id), folder, session.clock, (group) => groups.delete(group)];
  };
  return {
    name: "process",
    async open(given) {
      session = given;
      folder = given.state === undefined ? await ProcessFolder.open() : await ProcessFolder.keep(given.state);
      return "Containers are plain child processes of this machine, without isolation; images are labels and nothing is pulled.";
    },
    async checkImage(image) {
      if (!/^[\w][\w.:/@-]*$/.test(image)) throw new ImageError("inaccessible", image, `"${image}" is not the name of an image`);
    },
    async openGroup(spec) {
      const group = await ProcessGroup.open(...opened(spec));
      groups.add(group);
      return group;
    },
    async findGroup(spec) {
      const found = await ProcessGroup.find(...opened(spec));
      if (found !== undefined) groups.add(found.group);
      return found;
    },
    async close() {
      await Promise.all([...groups].map((group) => (folder?.isKept === true ? group.end() : group.close())));
      await folder?.close();
      folder = undefined;
    },
  };
}
