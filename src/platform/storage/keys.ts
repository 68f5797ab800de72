import { isUuid } from '../../common/ids.js';

/** Bytes that a key has at most: with its folder it stays below the 1024 of S3. */
const MAX_LENGTH = 512;
const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._=-]{0,127}';
const KEY = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`);

/**
 * Whether it can be a key within a folder: segments that begin with a letter or digit, between single slashes.
 * So no `..`, no leading slash, no NUL, and nothing that a disk or a server would read in another way.
 */
export const isKey = (key: string): boolean => key.length <= MAX_LENGTH && KEY.test(key);

/** Everything of a tenant is below it. @throws Error for what is no id */
export function folderOf(organizationId: string): string {
  if (!isUuid(organizationId)) throw new Error('nothing is stored for a tenant of no id');
  return `tenants/${organizationId.toLowerCase()}`;
}

/** What is nobody's but the platform's own. */
export const PLATFORM_FOLDER = 'platform';
