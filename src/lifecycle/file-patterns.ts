import picomatch from "picomatch";

// True for a path with signs that stand for others: `*`, `**`, `?`, `[ab]`, `{a,b}`.
export function isPattern(path: string): boolean {
  return /[*?[{]/u.test(path);
}

// Tells which paths a path or a pattern means. Names that begin with a dot are names like others.
export function matcherOf(path: string): (candidate: string) => boolean {
  return isPattern(path) ? picomatch(path, { dot: true, noextglob: true, nobrace: false, strictSlashes: true }) : (candidate) => candidate === path;
}
