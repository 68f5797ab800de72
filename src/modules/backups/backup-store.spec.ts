import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BackupFolder } from './backup-folder.js';

const FILE = { file: 'platform.archive', bytes: 1, sha256: 'ab', rows: 1 };
const MANIFEST = { format: 1, platform: FILE, tenants: [], failed: [], tombstones: [] };
const NAMES = ['20261101T000000000Z', '20261102T000000000Z', '20261103T000000000Z'] as const;
const [OLD, DAMAGED, NEW] = NAMES;

describe('backups of which one was damaged', () => {
  let root: string;
  let store: BackupFolder;
  const lay = (name: string, manifest: string) => writeFile(join(root, name, 'backup.json'), manifest);
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'backups-'));
    store = new BackupFolder(root);
    for (const name of NAMES) {
      await mkdir(join(root, name));
      await lay(name, JSON.stringify(MANIFEST));
    }
    await lay(DAMAGED, '{"format": 1, "tenan');
  });
  afterEach(() => rm(root, { recursive: true }));

  it('are known all the same, the newest first', async () => {
    expect(await store.names()).toEqual(NAMES.toReversed());
    await expect(store.get(NEW)).resolves.toEqual(MANIFEST);
  });

  it('go when they are the older ones', async () => {
    expect(await store.prune(1)).toEqual([DAMAGED, OLD]);
    expect(await readdir(root)).toEqual([NEW]);
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"format": 1, "tenan'],
    ['no object', 'null'],
    ['no archives', '{"format": 1}'],
    ['no list', JSON.stringify({ ...MANIFEST, tenants: {} })],
    ['a tenant of no id', JSON.stringify({ ...MANIFEST, tenants: [FILE] })],
    ['a file elsewhere', JSON.stringify({ ...MANIFEST, platform: { ...FILE, file: '../../other/platform.archive' } })],
    ['a file of a device', JSON.stringify({ ...MANIFEST, platform: { ...FILE, file: '/dev/zero' } })],
  ])('are refused by its name where the manifest has %s', async (_, manifest) => {
    await lay(DAMAGED, manifest);
    await expect(store.get(DAMAGED)).rejects.toThrow(`backup.json of the backup ${DAMAGED} is damaged`);
  });

  it('are refused as of another format, whatever else is in it', async () => {
    await lay(DAMAGED, '{"format": 2}');
    await expect(store.get(DAMAGED)).rejects.toThrow('format that this version does not know');
  });
});
