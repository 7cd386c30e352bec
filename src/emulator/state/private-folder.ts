import { chmodSync, lstatSync, mkdirSync, realpathSync } from "node:fs";
import { resolve } from "node:path";

const OTHERS = 0o077;

/** Makes a folder that only this user can look into, or checks one that is there. Answers its real path. */
export function privateFolder(given: string): string {
  const path = resolve(given);
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) {
    // Without what the umask takes away.
    chmodSync(path, 0o700);
    return realpathSync(path);
  }
  const real = realpathSync(path);
  const { mode, uid } = lstatSync(real);
  // Windows has no such modes; a folder in a user's profile is private there.
  if (process.platform === "win32") return real;
  if (uid !== process.getuid?.()) throw new Error(`The state folder ${path} belongs to somebody else, and what is kept in it is secret. Name one that does not exist yet.`);
  if ((mode & OTHERS) !== 0) {
    throw new Error(`The state folder ${path} can be read by others, and what is kept in it is secret. Take their rights away (\`chmod 700\`), or name one that does not exist yet.`);
  }
  return real;
}
