export * from './move.entity.js';
export { MoveFailed } from './move-failed.js';
export { isInHand, leased } from './move-session.js';
export type { AskCore, MovePlace, MoveRecord } from './move-records.js';
export * from './tenant-moves.js';
