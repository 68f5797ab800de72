/**
 * Milliseconds that a test allows for what is promised within so many. `npm run test:promises` runs alone and holds to
 * the promise; among other tests, on a machine that does three things at once, the clock says nothing of the product and
 * only patience ends.
 */
export const within = (promised: number): number => (process.env['PROMISES'] === undefined ? PATIENCE_MS : promised);

const PATIENCE_MS = 10_000;
