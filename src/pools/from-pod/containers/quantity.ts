const SUFFIXES: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3, "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };
const FORM = /^(\d+(?:\.\d*)?|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|([eE][+-]?\d{1,2}))?$/u;

// A quantity of Kubernetes, `250m`, `1.5Gi` or `2e3`, as a number; undefined if it is none.
export function readQuantity(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : undefined;
  const [, digits, suffix = "", exponent = ""] = FORM.exec(typeof value === "string" ? value : "") ?? [];
  return digits === undefined ? undefined : Number(`${digits}${exponent}`) * (SUFFIXES[suffix] ?? 1);
}

// The next multiple of a step, at least one. Sums of binary fractions are off by their last digits.
export function roundUp(value: number, stepsPerOne: number): number {
  return Math.max(1, Math.ceil(Number((value * stepsPerOne).toFixed(6)))) / stepsPerOne;
}
