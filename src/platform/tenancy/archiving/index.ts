export type { Column, MovedTable as TenantTable } from '../moving/place-tables.js';
export { PlatformReader } from './platform-reader.js';
export { ScratchPlace } from './scratch-place.js';
export { type ReadAs, TenantReader } from './tenant-reader.js';
export { TenantWriter } from './tenant-writer.js';
