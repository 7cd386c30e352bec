/** The chance that what is waited for has come so many seconds from now, if it has not now. Never falls. */
export type Chance = (gapInS: number) => number;

const FIRST_STEP_IN_S = 0.075;
const GROWTH = 1.25;
const HALVINGS = 6;

// In how many seconds the expected delay that nobody has seen, the integral of the chance, makes `worth` seconds; `longest` if
// it does not by then. Adds up in steps that grow, and takes the one in which it comes in halves.
export function whenUnseen(chance: Chance, worth: number, longest: number): number {
  let at = 0;
  let unseen = 0;
  let before = 0;
  let growth = GROWTH;
  for (let [step, halvings] = [FIRST_STEP_IN_S, 0]; at < longest && halvings < HALVINGS; ) {
    const after = chance(at + step);
    const more = (step / 6) * (before + 4 * chance(at + step / 2) + after);
    const isIn = unseen + more >= worth;
    if (isIn) growth = 0.5;
    else [at, unseen, before] = [at + step, unseen + more, after];
    if (growth < 1) halvings++;
    step *= growth;
  }
  return Math.min(at, longest);
}
