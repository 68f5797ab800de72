export { type FileCounts, IS_HALF_MADE, type PurgedPlace, type PurgeReport, type PurgeTerms } from './purge-records.js';
export * from './tenant-purges.js';
