import { createHash } from 'node:crypto';

/** Namespace of the ids below; any UUID would do that is used for nothing else. */
const NAMESPACE = Buffer.from('6f2b9d0c5a3e4c7f8d1b7a90c4e2f563', 'hex');

/**
 * The same id for the same parts at every run: a UUIDv5 (RFC 9562, 5.5). A seeder's rows are found again by it, also when
 * somebody has changed or deleted them since.
 */
export function stableId(...parts: readonly string[]): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(parts.join('\u0000')).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
