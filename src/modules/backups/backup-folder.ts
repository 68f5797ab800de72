import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupManifest, MANIFEST_FILE, textOf } from './backup-manifest.js';
import { BackupStore, isBackupName } from './backup-store.js';

/** Backups as folders of one folder, readable by their owner alone. */
export class BackupFolder extends BackupStore {
  constructor(private readonly root: string) {
    super();
  }

  describe(name = ''): string {
    return join(this.root, name);
  }

  async create(name: string): Promise<void> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    await mkdir(join(this.root, name), { mode: 0o700 });
  }

  write<T>(name: string, file: string, work: (path: string) => Promise<T>): Promise<T> {
    return work(this.path(name, file));
  }

  async seal(name: string, manifest: BackupManifest): Promise<void> {
    const path = this.path(name, MANIFEST_FILE);
    const draft = await open(`${path}.new`, 'w', 0o600);
    try {
      await draft.writeFile(textOf(manifest));
      await draft.sync();
    } finally {
      await draft.close();
    }
    await rename(`${path}.new`, path);
    const folder = await open(join(this.root, name));
    await folder.sync().finally(() => folder.close());
  }

  read(name: string, file: string): Promise<string> {
    return Promise.resolve(this.path(name, file));
  }

  async remove(name: string): Promise<void> {
    // first that by which it is one
    await rm(this.path(name, MANIFEST_FILE), { force: true });
    await rm(join(this.root, name), { recursive: true, force: true });
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  protected async all(): Promise<ReadonlyMap<string, boolean>> {
    const entries = (await readdir(this.root, { withFileTypes: true }).catch(unlessMissing)) ?? [];
    const found = new Map<string, boolean>();
    for (const entry of entries) {
      if (!entry.isDirectory() || !isBackupName(entry.name)) continue;
      const manifest = await stat(this.path(entry.name, MANIFEST_FILE)).catch(unlessMissing);
      found.set(entry.name, manifest !== undefined);
    }
    return found;
  }

  protected find(name: string): Promise<string | undefined> {
    return readFile(this.path(name, MANIFEST_FILE), 'utf8').catch(unlessMissing);
  }

  private path(name: string, file: string): string {
    return join(this.root, name, file);
  }
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
