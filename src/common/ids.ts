import { randomUUIDv7 } from 'node:crypto';

/** A UUIDv7 (RFC 9562): ids of one process grow with time, so new rows land at the end of their index. */
export const newId = (): string => randomUUIDv7();

/** Stands where an id is wanted and there is none. */
export const ZERO_ID = '00000000-0000-0000-0000-000000000000';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text is a UUID in its canonical form, of any version and either case. PostgreSQL would also take braces and no hyphens. */
export const isUuid = (text: unknown): text is string =>
  typeof text === 'string' && text.length === 36 && UUID.test(text);
