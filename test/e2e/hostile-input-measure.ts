/**
 * How much is tried. `npm test` tries every list on some operation, and a few random requests on each; with FUZZ_RUNS
 * (`npm run test:fuzz`) each operation is tried with everything, and with so many random requests.
 */
const runs = process.env['FUZZ_RUNS'];
export const IS_WHOLE = runs !== undefined;
export const RUNS = IS_WHOLE ? Number(runs) : 4;
/** Of operations each of whose requests costs a password's hash. */
export const RUNS_OF_SIGN_IN = IS_WHOLE ? Math.ceil(RUNS / 4) : 3;

/** Of the generators: another one each day, and with FUZZ_SEED the same requests again. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? new Date().toISOString().slice(0, 10).replaceAll('-', ''));

/** One part of so many; operations take turns, so that together they are tried with the whole list. */
export const part = <Item>(list: readonly Item[], turn: number, of: number): readonly Item[] =>
  IS_WHOLE ? list : list.filter((_, n) => n % of === turn % of);
