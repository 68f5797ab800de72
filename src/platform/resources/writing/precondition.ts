/** One entity tag of RFC 9110, 8.8.3. */
const TAG = /(W\/)?"([^"]*)"/g;
const MAX_VERSION = 2 ** 31 - 1;

/**
 * The versions that `If-Match` lets a write change (RFC 9110, 13.1.1): those of its strong tags, for a weak one never
 * matches. Undefined where any version will do: without the header, or with `*`.
 */
export function versionsOf(ifMatch: string | undefined): readonly number[] | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const versions: number[] = [];
  for (const [, weak, tag = ''] of ifMatch.matchAll(TAG)) {
    const version = /^[1-9]\d{0,9}$/.test(tag) ? Number(tag) : Infinity;
    if (weak === undefined && version <= MAX_VERSION) versions.push(version);
  }
  return versions;
}
