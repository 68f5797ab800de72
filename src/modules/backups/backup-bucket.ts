import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { isProblem, NotFound } from '../../common/problem.js';
import type { StoredFiles } from '../../platform/storage/index.js';
import { ArchiveRefused } from '../archives/index.js';
import { type BackupManifest, MANIFEST_FILE, textOf } from './backup-manifest.js';
import { ABANDONED_MS, BackupStore, isBackupName } from './backup-store.js';

const FOLDER = 'backups';
const WORKING = 'working-';

/** Backups as objects of the storage. What is written or read passes through a folder of this disk. */
export class BackupBucket extends BackupStore {
  private working: Promise<string> | undefined;

  constructor(
    private readonly files: StoredFiles,
    /** For people: `s3://bucket/platform`. */
    private readonly address: string,
    /** In which the folder of this process is made. */
    private readonly disk: string,
  ) {
    super();
  }

  describe(name?: string): string {
    return [this.address, FOLDER, ...(name === undefined ? [] : [name])].join('/');
  }

  create(): Promise<void> {
    return Promise.resolve();
  }

  async write<T>(name: string, file: string, work: (path: string) => Promise<T>): Promise<T> {
    const path = await this.pathOf(name, file);
    try {
      const written = await work(path);
      await this.files.put(keyOf(name, file), createReadStream(path));
      return written;
    } finally {
      await rm(path, { force: true });
    }
  }

  async seal(name: string, manifest: BackupManifest): Promise<void> {
    await this.files.put(keyOf(name, MANIFEST_FILE), Readable.from([Buffer.from(textOf(manifest))]));
  }

  async read(name: string, file: string): Promise<string> {
    const path = await this.pathOf(name, file);
    if ((await stat(path).catch(() => undefined)) !== undefined) return path;
    const object = await this.files.get(keyOf(name, file)).catch(unlessMissing);
    if (object === undefined) throw new ArchiveRefused(`The backup ${name} lacks its file ${file}.`);
    try {
      await pipeline(object.body, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return path;
  }

  async remove(name: string): Promise<void> {
    // first that by which it is one
    await this.files.delete(keyOf(name, MANIFEST_FILE));
    for await (const { key } of this.files.list(`${FOLDER}/${name}`)) await this.files.delete(key);
  }

  async release(): Promise<void> {
    if (this.working === undefined) return;
    await rm(await this.working, { recursive: true, force: true });
    this.working = undefined;
  }

  protected async all(): Promise<ReadonlyMap<string, boolean>> {
    const found = new Map<string, boolean>();
    for await (const { key } of this.files.list(FOLDER)) {
      const [, name = '', file] = key.split('/');
      if (isBackupName(name)) found.set(name, found.get(name) === true || file === MANIFEST_FILE);
    }
    return found;
  }

  protected async find(name: string): Promise<string | undefined> {
    const object = await this.files.get(keyOf(name, MANIFEST_FILE)).catch(unlessMissing);
    return object && (await text(object.body));
  }

  private async pathOf(name: string, file: string): Promise<string> {
    this.working ??= this.makeWorking();
    return join(await this.working, `${name}-${file}`);
  }

  private async makeWorking(): Promise<string> {
    await mkdir(this.disk, { recursive: true, mode: 0o700 });
    // of processes that died
    for (const name of await readdir(this.disk)) {
      if (!name.startsWith(WORKING)) continue;
      const found = await stat(join(this.disk, name)).catch(() => undefined);
      if (found !== undefined && found.mtimeMs < Date.now() - ABANDONED_MS)
        await rm(join(this.disk, name), { recursive: true, force: true });
    }
    return mkdtemp(join(this.disk, WORKING));
  }
}

const keyOf = (name: string, file: string): string => `${FOLDER}/${name}/${file}`;

function unlessMissing(error: unknown): undefined {
  if (!isProblem(error, NotFound.definition.code)) throw error;
}
