/** One entity tag of RFC 9110, 8.8.3. */
const TAG = /(W\/)?"([^"]*)"/g;

/** The strong tag of a row: its version; of a file: its checksum. */
export const etagOf = (version: number | string): string => `"${String(version)}"`;

/**
 * Whether `If-Match` lets a write to a row of this version pass (RFC 9110, 13.1.1): `*` for any row that exists,
 * else one of the listed tags, compared strongly: a weak tag never matches. What is no tag at all matches nothing.
 */
export const matches = (ifMatch: string, version: number): boolean => lists(ifMatch, version, false);

/** Whether `If-None-Match` makes the answer to a read 304 (RFC 9110, 13.1.2): weak tags count. */
export const noneMatchHolds = (ifNoneMatch: string, version: number | string): boolean =>
  lists(ifNoneMatch, version, true);

function lists(header: string, version: number | string, weakCounts: boolean): boolean {
  if (header.trim() === '*') return true;
  const wanted = String(version);
  for (const [, weak, tag] of header.matchAll(TAG)) if (tag === wanted && (weakCounts || !weak)) return true;
  return false;
}
