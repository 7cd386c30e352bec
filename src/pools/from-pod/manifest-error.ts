/** One reason why a manifest cannot become a group. @public */
export interface PodManifestProblem {
  /** Where, `spec.containers[0].lifecycle` for instance; empty for the manifest as a whole. */
  readonly path: string;
  /** Why, and what can be done. Values of secrets are never in it. */
  readonly text: string;
}

/**
 * A manifest cannot be carried over to ACI. `problems` has every reason, not only the first.
 *
 * @public
 */
export class PodManifestError extends TypeError {
  declare readonly name: string;
  readonly problems: readonly PodManifestProblem[];

  /** @param problems - At least one. */
  constructor(problems: readonly PodManifestProblem[]) {
    super(["Expected a manifest that ACI can run as it is, got:", ...problems.map(({ path, text }) => `- ${path === "" ? "" : `${path}: `}${text}`)].join("\n"));
    this.problems = problems;
  }
}
Object.defineProperty(PodManifestError.prototype, "name", { value: "PodManifestError", configurable: true, writable: true });
