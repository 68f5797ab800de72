/** What is in a backup: the file `backup.json` beside its archives, written last of all. Without it there is no backup. */
export interface BackupManifest {
  readonly format: number;
  /** Of the product. */
  readonly version: string;
  /** In UTC. Each archive has its own moment between the two. */
  readonly began_at: string;
  readonly ended_at: string;
  readonly platform: BackedUpFile;
  readonly tenants: readonly BackedUpTenant[];
  /** Who was not backed up, and why. */
  readonly failed: readonly { readonly id: string; readonly code: string; readonly error: string }[];
  /** Who was removed for good until then: a restore of this backup or of an older one brings none of them back. */
  readonly tombstones: readonly BackedUpTombstone[];
}
export interface BackedUpFile {
  /** Its name beside the manifest. */
  readonly file: string;
  readonly bytes: number;
  /** As the archive's last line says, in hexadecimal digits. */
  readonly sha256: string;
  readonly rows: number;
}
export interface BackedUpTenant extends BackedUpFile {
  readonly id: string;
  readonly code: string;
}
export interface BackedUpTombstone {
  readonly id: string;
  readonly kind: string;
  readonly organization_id: string | null;
  readonly code: string;
  readonly removed_at: string;
}

export const MANIFEST_FORMAT = 1;
export const MANIFEST_FILE = 'backup.json';

export const textOf = (manifest: BackupManifest): string => `${JSON.stringify(manifest, undefined, 2)}\n`;

/** What a person may have written by hand. undefined: it is no manifest. */
export function manifestOf(text: string): BackupManifest | undefined {
  const found = parsed(text);
  if (!isObject(found) || typeof found['format'] !== 'number') return undefined;
  // only that version knows what else there is in one of another format
  if (found['format'] === MANIFEST_FORMAT && !isWhole(found)) return undefined;
  return found as unknown as BackupManifest;
}

/** Names that are written here, and lead nowhere else. */
const FILE = /^[a-z0-9][a-z0-9_-]*\.archive$/;

const isWhole = ({ platform, tenants, tombstones }: Record<string, unknown>): boolean =>
  isFile(platform) &&
  isListOf(tenants, (each) => isFile(each) && areTexts(each, 'id', 'code')) &&
  isListOf(tombstones, isObject);
const isFile = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && areTexts(value, 'file', 'sha256') && FILE.test(String(value['file']));
const isListOf = (value: unknown, is: (each: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const areTexts = (value: Record<string, unknown>, ...names: string[]): boolean =>
  names.every((name) => typeof value[name] === 'string');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
