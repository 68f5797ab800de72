/** The code of a system error (`ENOENT`). By its shape: errors of Node's own modules are no `Error` of jest's realm. */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
