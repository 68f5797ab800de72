import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { storage } from '../../support/dist.js';
import { S3 } from '../../support/s3.js';
import { forged, makeWorld, type World } from './world.js';

describe.each(['disk', 's3'] as const)('stored files of a tenant, on %s', (kind) => {
  let s3: S3 | undefined;
  let world: World;
  const contents = new Map([
    ['files/empty', Buffer.alloc(0)],
    ['files/small', Buffer.from('{"file":"x","bytes":1}\n\\.\n')],
    ['files/large', randomBytes(3_000_001)],
    ['documents/a.b/c', Buffer.from('c')],
  ]);
  beforeAll(async () => {
    s3 = kind === 's3' ? await S3.start() : undefined;
    world = await makeWorld(s3?.environment());
  });
  afterAll(async () => {
    await world.app.close();
    await s3?.close();
  });
  beforeEach(async () => {
    await world.app.app.get(storage.PlatformStorage).deleteAll(world.mine.id);
    for (const [key, bytes] of contents) await put(key, bytes);
    await put('exports/1/a.archive', Buffer.from('an export'));
  });

  const put = (key: string, bytes: Buffer) =>
    world.files(world.mine.id).put(key, Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false }));
  const stored = async (organizationId: string): Promise<Record<string, string>> => {
    const files = world.files(organizationId);
    const found: [string, string][] = [];
    for await (const { key } of files.list())
      found.push([key, (await buffer((await files.get(key)).body)).toString('base64')]);
    return Object.fromEntries(found.sort());
  };
  const expected = Object.fromEntries([...contents].map(([key, bytes]) => [key, bytes.toString('base64')]).sort());

  it('go with it, and come back in the place of all that are there, but for exports', async () => {
    const file = await world.exported();
    await put('files/small', Buffer.from('changed'));
    await put('files/later', Buffer.from('later'));
    await world.files(world.mine.id).delete('files/large');
    await world.wipe();
    const restored = await world.restores.restore(file);
    expect(restored.files).toBe(contents.size);
    expect(await stored(world.mine.id)).toEqual({
      ...expected,
      'exports/1/a.archive': Buffer.from('an export').toString('base64'),
    });
  });

  it('are a second tenant’s own beside the first, also when it was begun twice', async () => {
    const file = await world.exported();
    const before = await stored(world.mine.id);
    const asked = { as: `files-${kind}`, adminEmail: 'a@files.com', isolation: 'shared' };
    const broken = world.restores.restore(file, asked, (step) => {
      if (step === 'stored') throw new Error('killed');
    });
    await expect(broken).rejects.toThrow('killed');
    const { id } = await world.restores.restore(file, asked);
    expect(await stored(id)).toEqual(expected);
    expect(await stored(world.mine.id)).toEqual(before);
  });

  it('stay as they are when an archive does not know of files yet', async () => {
    const archive = await readFile(await world.exported());
    const older = forged(
      archive,
      (text) => text.replace(/\{"file":[^]*\n(?=\{"tables")/, '').replace(/,"files":\{[^}]*\}\}\n$/, '}\n'),
      'tenantry archive 1\n',
    );
    const file = world.newFile();
    await writeFile(file, older);
    const before = await stored(world.mine.id);
    await world.wipe();
    expect(await world.restores.restore(file)).toMatchObject({ files: 0 });
    expect(await stored(world.mine.id)).toEqual(before);
  });
});
