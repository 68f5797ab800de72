/** Rows of a list when the caller does not say how many. */
export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 500;

/** What a list answers (api.md, "Lists"). `total` is counted only when it is asked for. */
export interface Page<T> {
  items: T[];
  /** Opaque; null on the last page. */
  next_cursor: string | null;
  total: number | null;
}
