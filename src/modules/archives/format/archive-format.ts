/**
 * An archive: the line `tenantry archive 2`; then, by gzip, lines; then the sha256 of all bytes before it, in hexadecimal
 * digits, as the last line. Inside, the first line is the head and the last one the sums of all, as JSON. Between them
 * stands each table: a line of JSON with its columns, its rows in the text format of COPY, and the line `\.`; then each
 * stored file: a line of JSON with its key and size, its bytes, and a line of JSON with their sha256.
 */
export const FORMAT = 2;
/** The same without stored files. */
export const FORMAT_WITHOUT_FILES = 1;
export const MAGIC = 'tenantry archive ';

/** The tenant's rows at its place, or those of it in core. */
export type Plane = 'tenant' | 'core';

export interface ArchiveHead {
  /** Of the product. */
  readonly version: string;
  /** The newest ones. */
  readonly migrations: Readonly<Record<Plane, string>>;
  /** When the rows were read, in UTC. */
  readonly taken_at: string;
  readonly tenant: ArchivedTenant;
}
interface ArchivedTenant {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly isolation: 'shared' | 'schema' | 'database';
  readonly server: string;
}
export interface ArchivedTable {
  readonly plane: Plane;
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}
export interface TableSum {
  readonly plane: Plane;
  readonly table: string;
  readonly rows: number;
  /** Of its lines, in hexadecimal digits. */
  readonly sha256: string;
}

/** A stored object of the tenant, by its key within the tenant's folder. */
export interface ArchivedFile {
  readonly key: string;
  readonly bytes: number;
}
export interface FileSums {
  readonly count: number;
  readonly bytes: number;
  /** Of a line for each file: key, bytes and sha256, between tabs; in hexadecimal digits. */
  readonly sha256: string;
}
/** What an archive says at its end. */
export interface ArchiveSums {
  readonly tables: readonly TableSum[];
  /** undefined: it is of the time before there were stored files. */
  readonly files?: FileSums;
}

/** It cannot be taken, or not by this installation: in a sentence. Nothing was written. */
export class ArchiveRefused extends Error {}
export const DAMAGED = 'The archive is damaged: it is not what was written.';

/** Whole lines in the text format of COPY. */
export interface ArchivedRows {
  readonly bytes: Buffer;
  readonly count: number;
}
