// by its shape: errors of Node's own modules are no `Error` of jest's realm
const memberOf = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

/** Of a system error: `ENOENT`. */
export const codeOf = (error: unknown): unknown => memberOf(error, 'code');

const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];
/** Whether a disk had no room, or its problem says so. */
export const isFull = (error: unknown): boolean =>
  FULL.includes(codeOf(error)) || FULL.includes(codeOf(memberOf(error, 'cause')));
