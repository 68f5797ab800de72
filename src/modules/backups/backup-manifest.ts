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
export const manifestOf = (text: string | undefined): BackupManifest | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as BackupManifest);
