import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveRefused } from '../archives/index.js';
import { type BackupManifest, MANIFEST_FILE, MANIFEST_FORMAT } from './backup-manifest.js';

const NAME = /^\d{8}T\d{9}Z$/;
/** What has no manifest after that is of a process that died. */
const ABANDONED_MS = 24 * 3_600_000;

/** `20261127T031500000Z`: so that names stand in the order of time. */
export const backupName = (at: Date): string => at.toISOString().replaceAll(/[-:.]/g, '');
const timeOf = (name: string): number =>
  Date.parse(name.replace(/^(....)(..)(..T..)(..)(..)(...)Z$/, '$1-$2-$3:$4:$5.$6Z'));

/** Backups as folders of one folder, readable by their owner alone. */
export class BackupFolder {
  constructor(readonly root: string) {}

  /** The backups that are whole, the newest first. */
  async names(): Promise<string[]> {
    const found = await Promise.all(
      (await this.all()).map(async (name) => ((await this.find(name)) === undefined ? [] : [name])),
    );
    return found.flat();
  }

  /** @throws ArchiveRefused where there is none of that name, or none that this version reads */
  async get(name: string): Promise<BackupManifest> {
    const manifest = NAME.test(name) ? await this.find(name) : undefined;
    if (manifest === undefined) throw new ArchiveRefused(`There is no backup ${name} in ${this.root}.`);
    if (manifest.format !== MANIFEST_FORMAT)
      throw new ArchiveRefused(`The backup ${name} has a format that this version does not know.`);
    return manifest;
  }

  path(name: string, file: string): string {
    return join(this.root, name, file);
  }

  async create(name: string): Promise<void> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    await mkdir(join(this.root, name), { mode: 0o700 });
  }

  /** From here on it is a backup. */
  async seal(name: string, manifest: BackupManifest): Promise<void> {
    const path = this.path(name, MANIFEST_FILE);
    const draft = await open(`${path}.new`, 'w', 0o600);
    try {
      await draft.writeFile(`${JSON.stringify(manifest, undefined, 2)}\n`);
      await draft.sync();
    } finally {
      await draft.close();
    }
    await rename(`${path}.new`, path);
    const folder = await open(join(this.root, name));
    await folder.sync().finally(() => folder.close());
  }

  async remove(name: string): Promise<void> {
    // first that by which it is one
    await rm(this.path(name, MANIFEST_FILE), { force: true });
    await rm(join(this.root, name), { recursive: true, force: true });
  }

  /** Keeps the newest ones. @returns the names of those that went */
  async prune(keep: number): Promise<string[]> {
    const whole = await this.names();
    const abandoned = (await this.all()).filter(
      (name) => !whole.includes(name) && timeOf(name) < Date.now() - ABANDONED_MS,
    );
    const gone = [...whole.slice(keep), ...abandoned];
    for (const name of gone) await this.remove(name);
    return gone;
  }

  private async all(): Promise<string[]> {
    const entries = await readdir(this.root, { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return entries
      .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
      .map(({ name }) => name)
      .sort()
      .reverse();
  }

  private async find(name: string): Promise<BackupManifest | undefined> {
    const text = await readFile(this.path(name, MANIFEST_FILE), 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    return text === undefined ? undefined : (JSON.parse(text) as BackupManifest);
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
