/** A path that a container mounts, and the folder that it stands for. */
export interface MountFolder {
  readonly path: string;
  readonly folder: string;
}

/**
 * The text with a mount path replaced by its folder, where the text begins with it or has it after a `=`. A path in
 * the middle of a text, such as a shell's, is left alone: it could be anything.
 */
export function replaceMounts(text: string, mounts: readonly MountFolder[]): string {
  const longestFirst = mounts.map(({ path, folder }) => ({ path: path.replace(/\/+$/, ""), folder })).sort((a, b) => b.path.length - a.path.length);
  const replaceHead = (value: string): string => {
    const mount = longestFirst.find(({ path }) => path !== "" && (value === path || value.startsWith(`${path}/`)));
    return mount === undefined ? value : mount.folder + value.slice(mount.path.length);
  };
  const whole = replaceHead(text);
  if (whole !== text) return whole;
  const equals = text.indexOf("=") + 1;
  return equals === 0 ? text : text.slice(0, equals) + replaceHead(text.slice(equals));
}
