import { type FileHandle, open, rm } from 'node:fs/promises';
import { ArchiveRefused } from './format/archive-format.js';

/**
 * Works on a new file, which nobody but the owner of the process reads, and removes it when that fails.
 * @throws ArchiveRefused where the file is there already
 */
export async function inNewFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw isThere(error) ? new ArchiveRefused(`There is a file ${path} already: it is left as it is.`) : error;
  });
  try {
    return await work(file);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';
