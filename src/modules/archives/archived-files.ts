import { isProblem, NotFound } from '../../common/problem.js';
import { type StoredObject, type StoredFiles } from '../../platform/storage/index.js';
import type { ArchivedFile } from './format/archive-format.js';
import type { ArchivePart } from './format/archive-parts.js';
import type { ArchiveWriter } from './format/archive-writer.js';

/** The folder of what an archive does not have: archives. */
export const EXPORTS = 'exports';
export const isArchived = (key: string): boolean => !key.startsWith(`${EXPORTS}/`);

/** Writes every stored file of a tenant as it is now; one that goes meanwhile is left out. */
export async function archiveFiles(files: StoredFiles, writer: ArchiveWriter): Promise<void> {
  for await (const { key } of files.list()) {
    const found = isArchived(key) ? await find(files, key) : undefined;
    if (found !== undefined) await writer.storedFile(key, found.bytes, found.body);
  }
}

async function find(files: StoredFiles, key: string): Promise<StoredObject | undefined> {
  try {
    return await files.get(key);
  } catch (error) {
    if (isProblem(error, NotFound.definition.code)) return undefined;
    throw error;
  }
}

/** Puts the files of an archive in the place of all that there are. Can be repeated. @returns how many they are */
export async function restoreFiles(files: StoredFiles, parts: AsyncGenerator<ArchivePart>): Promise<number> {
  while (await removeSome(files));
  let count = 0;
  try {
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      if (next.value.kind !== 'file') continue;
      await restoreFile(files, next.value.file, parts);
      count++;
    }
  } finally {
    await parts.return(undefined);
  }
  return count;
}

/** What is listed while it goes may be listed in part. @returns whether there was anything */
async function removeSome(files: StoredFiles): Promise<boolean> {
  let found = false;
  for await (const { key } of files.list()) {
    if (!isArchived(key)) continue;
    found = true;
    await files.delete(key);
  }
  return found;
}

async function restoreFile(
  files: StoredFiles,
  { key }: ArchivedFile,
  parts: AsyncGenerator<ArchivePart>,
): Promise<void> {
  let told: string | undefined;
  async function* content(): AsyncGenerator<Buffer> {
    // by hand: a loop would end the parts with the file
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      if (next.value.kind === 'content') yield next.value.bytes;
      else if (next.value.kind === 'stored') {
        told = next.value.sha256;
        return;
      }
    }
  }
  const { sha256 } = await files.put(key, content());
  if (sha256 !== told) throw new Error(`the file ${key} did not come back as it was`);
}
