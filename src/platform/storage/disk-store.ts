import { randomUUID } from 'node:crypto';
import { createWriteStream, type Dir } from 'node:fs';
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { NotFound, Problem, Unavailable } from '../../common/problem.js';
import { codeOf, isFull } from './full.js';
import { Measured } from './measured.js';
import { AWAY, type Listed, ObjectStore, type Source, type Stored, type StoredObject } from './object-store.js';

/** What is being written; beside the objects, so that a rename brings it there. No key begins like that. */
const INCOMING = '.incoming';
/** Milliseconds for which nothing was added to a file of a writer that is taken for dead. */
const DEAD_MS = 3_600_000;

/** Objects as files below a folder, which several nodes may share. */
export class DiskStore extends ObjectStore {
  constructor(private readonly root: string) {
    super();
  }

  async put(key: string, source: Source): Promise<Stored> {
    const measured = new Measured(source);
    const incoming = join(this.root, INCOMING, randomUUID());
    try {
      await mkdir(dirname(incoming), { recursive: true, mode: 0o700 });
      await pipeline(measured, createWriteStream(incoming, { flags: 'wx', mode: 0o600, flush: true }));
      await this.moveTo(incoming, this.pathOf(key));
      return measured.sum();
    } catch (error) {
      await rm(incoming, { force: true }).catch(() => undefined);
      if (measured.failure !== undefined) throw measured.failure.error;
      throw problemOfDisk(error);
    }
  }

  async get(key: string): Promise<StoredObject> {
    try {
      const file = await open(this.pathOf(key), 'r');
      const { size } = await file.stat();
      return { body: file.createReadStream(), bytes: size };
    } catch (error) {
      throw problemOfDisk(error);
    }
  }

  async delete(key: string): Promise<void> {
    await guarded(() => rm(this.pathOf(key), { force: true }));
  }

  async *list(folder: string): AsyncGenerator<Listed> {
    const files = await guarded(() => opendir(this.pathOf(folder), { recursive: true }).catch(unlessMissing));
    for await (const file of (files ?? []) as Dir) {
      if (!file.isFile()) continue;
      const path = join(file.parentPath, file.name);
      // deleted meanwhile
      const found = await guarded(() => stat(path).catch(unlessMissing));
      if (found !== undefined) yield { key: relative(this.root, path), bytes: found.size };
    }
  }

  async deleteAll(folder: string): Promise<void> {
    await guarded(() => rm(this.pathOf(folder), { recursive: true, force: true, maxRetries: 3 }));
  }

  async tidy(): Promise<void> {
    for await (const { key } of this.list(INCOMING)) {
      const path = this.pathOf(key);
      const found = await stat(path).catch(unlessMissing);
      if (found !== undefined && found.mtimeMs < Date.now() - DEAD_MS) await rm(path, { force: true });
    }
  }

  close(): void {
    // nothing is open between calls
  }

  private pathOf(key: string): string {
    return join(this.root, key);
  }

  private async moveTo(incoming: string, path: string): Promise<void> {
    const folder = dirname(path);
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    await rename(incoming, path);
    // on disk is also where it is found
    const last = made === undefined ? folder : dirname(made);
    for (let each = folder; ; each = dirname(each)) {
      await sync(each);
      if (each === last) return;
    }
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problemOfDisk(error);
  }
}

const MISSING: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EISDIR'];

function unlessMissing(error: unknown): undefined {
  if (!MISSING.includes(codeOf(error))) throw error;
}

function problemOfDisk(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (MISSING.includes(codeOf(error))) return NotFound();
  return Unavailable({ detail: isFull(error) ? 'There is no room for files just now.' : AWAY, cause: error });
}
