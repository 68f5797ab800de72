import type { LoadRequest } from '../load/request.js';

/** What the writers are started with. */
export interface WriterSettings {
  readonly port: number;
  /** Who writes leads of the tenant that moves. */
  readonly headers: Readonly<Record<string, string>>;
  /** What a neighbour asks meanwhile. */
  readonly neighbour: LoadRequest;
}
export type WriterQuestion = { readonly ask: 'start' } | { readonly ask: 'stop' };

/** What writers were told, and how long it took. Times are in milliseconds. */
export interface Written {
  /** The name of each lead that was acknowledged; null: its deletion was. */
  readonly ledger: readonly (readonly [id: string, name: string | null])[];
  readonly writes: number;
  /** From the first try of a write until it was acknowledged, tries that were told to come back included. */
  readonly longestWriteMs: number;
  readonly turnedAway: number;
  /** Of each of the neighbour's answers. */
  readonly neighbourMs: readonly number[];
}
