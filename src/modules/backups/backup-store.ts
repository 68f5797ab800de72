import { ArchiveRefused, checksumOf } from '../archives/index.js';
import {
  type BackedUpFile,
  type BackupManifest,
  MANIFEST_FILE,
  MANIFEST_FORMAT,
  manifestOf,
} from './backup-manifest.js';

const NAME = /^\d{8}T\d{9}Z$/;
/** What has no manifest after that is of a process that died. */
export const ABANDONED_MS = 24 * 3_600_000;

/** `20261127T031500000Z`: so that names stand in the order of time. */
export const backupName = (at: Date): string => at.toISOString().replaceAll(/[-:.]/g, '');
export const isBackupName = (name: string): boolean => NAME.test(name);
const timeOf = (name: string): number =>
  Date.parse(name.replace(/^(....)(..)(..T..)(..)(..)(...)Z$/, '$1-$2-$3:$4:$5.$6Z'));

/** Where backups are: each some files below its name, of which the manifest comes last and goes first. */
export abstract class BackupStore {
  /** Where that is, in words for people. @param name of a backup in it */
  abstract describe(name?: string): string;
  abstract create(name: string): Promise<void>;
  /** Stores what `work` writes into a new file at the path that it is given. */
  abstract write<T>(name: string, file: string, work: (path: string) => Promise<T>): Promise<T>;
  /** From here on it is a backup. */
  abstract seal(name: string, manifest: BackupManifest): Promise<void>;
  /** The path at which a file can be read until `release`. @throws NotFound or the disk's error where it is not there */
  abstract read(name: string, file: string): Promise<string>;
  abstract remove(name: string): Promise<void>;
  /** Gives back what reading and writing took of the disk. */
  abstract release(): Promise<void>;
  /** All that could be backups, by name, and whether each has its manifest. */
  protected abstract all(): Promise<ReadonlyMap<string, boolean>>;
  /** The text of a manifest; undefined: there is none. */
  protected abstract find(name: string): Promise<string | undefined>;

  /** The backups that are whole, the newest first. */
  async names(): Promise<string[]> {
    const found = [...(await this.all())].flatMap(([name, isWhole]) => (isWhole ? [name] : []));
    return found.toSorted().toReversed();
  }

  /** @throws ArchiveRefused where there is none of that name, or none that this version reads */
  async get(name: string): Promise<BackupManifest> {
    const text = isBackupName(name) ? await this.find(name) : undefined;
    if (text === undefined) throw new ArchiveRefused(`There is no backup ${name} in ${this.describe()}.`);
    const manifest = manifestOf(text);
    if (manifest === undefined)
      throw new ArchiveRefused(
        `${MANIFEST_FILE} of the backup ${name} is damaged: remove the backup; its archives can be restored one by one.`,
      );
    if (manifest.format !== MANIFEST_FORMAT)
      throw new ArchiveRefused(`The backup ${name} has a format that this version does not know.`);
    return manifest;
  }

  /** The same as `read`, of what was written and nothing else. @throws ArchiveRefused */
  async readWhole(name: string, { file, sha256 }: BackedUpFile): Promise<string> {
    const path = await this.read(name, file);
    if ((await checksumOf(path)) === sha256) return path;
    throw new ArchiveRefused(`${file} of the backup ${name} is not the file that was written.`);
  }

  /** Keeps the newest ones. @returns the names of those that went */
  async prune(keep: number): Promise<string[]> {
    const found = await this.all();
    const abandoned = [...found].flatMap(([name, isWhole]) =>
      !isWhole && timeOf(name) < Date.now() - ABANDONED_MS ? [name] : [],
    );
    const gone = [...(await this.names()).slice(keep), ...abandoned];
    for (const name of gone) await this.remove(name);
    return gone;
  }
}
