export * from './move.entity.js';
export * from './move-failed.js';
export type { MovePlace, MoveRecord } from './move-records.js';
export * from './tenant-moves.js';
