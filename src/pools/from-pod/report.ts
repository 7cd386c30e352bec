import { PodManifestError, type PodManifestProblem } from "./manifest-error.js";

// Collects what is wrong with a manifest, so that all of it is told at once.
export class Report {
  readonly #ignored: readonly string[] | "all";
  // By path and text.
  readonly #problems = new Map<string, PodManifestProblem>();
  readonly #unread: (() => void)[] = [];

  constructor(ignored: readonly string[] | "all" = []) {
    this.#ignored = ignored;
  }

  // What is not right, or is missing; once, however often it is met.
  wrong(path: string, text: string): void {
    this.#problems.set(`${path}\0${text}`, { path, text });
  }

  // What is right and has no equal in ACI. The caller may let it go.
  lost(path: string, text: string): void {
    if (this.#ignored === "all") return;
    if (!this.#ignored.some((one) => path === one || path.endsWith(`.${one}`))) this.wrong(path, text);
  }

  // To be asked when all that is understood has been read.
  atEnd(tellUnread: () => void): void {
    this.#unread.push(tellUnread);
  }

  // Throws if there is anything to tell.
  check(): void {
    if (this.#problems.size > 0) throw new PodManifestError([...this.#problems.values()]);
  }

  // The same, with all that nobody has read.
  finish(): void {
    for (const tell of this.#unread) tell();
    this.check();
  }
}
