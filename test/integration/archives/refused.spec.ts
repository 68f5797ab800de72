import { readFile, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changedRows, rowsOf } from '../../support/oracles.js';
import { environmentOf, tenantry } from '../cli/cli.js';
import { forged, makeWorld, type World } from './world.js';

describe('an archive', () => {
  let world: World;
  let whole: Buffer;
  beforeAll(async () => {
    world = await makeWorld();
    await world.files(world.mine.id).put('files/a', Readable.from([Buffer.from('stored bytes')]));
    whole = await readFile(await world.exported());
  });
  afterAll(() => world.app.close());

  const written = async (bytes: Buffer | string): Promise<string> => {
    const file = world.newFile();
    await writeFile(file, bytes);
    return file;
  };
  const changed = (change: (text: string) => string, firstLine?: string): Buffer => forged(whole, change, firstLine);
  const refuses = async (bytes: Buffer | string, message: RegExp): Promise<void> => {
    const file = await written(bytes);
    const before = await rowsOf(world.database);
    const asked = { as: 'second', name: 'Second', adminEmail: 'a@second.com', isolation: 'schema' };
    await expect(world.restores.restore(file, asked)).rejects.toThrow(message);
    // but for events that have been told meanwhile
    expect(changedRows(before, await rowsOf(world.database), /^(?!shared\.outbox )/)).toEqual([]);
    expect(await world.database.sql(`select from core.locations where schema_name like '%second%'`)).toEqual([]);
  };

  it('of the same state has the same checksums, and nothing but its owner reads it', async () => {
    const [first, second] = [world.newFile(), world.newFile()];
    const { sums, bytes, checksum } = await world.exports.export(world.mine.id, first);
    const { tables } = sums;
    expect((await world.exports.export(world.mine.id, second)).sums).toEqual(sums);
    const file = await readFile(first);
    expect({ bytes, checksum }).toEqual({
      bytes: file.length,
      checksum: createHash('sha256').update(file).digest('hex'),
    });
    expect((await stat(first)).mode & 0o777).toBe(0o600);
    expect(tables.find(({ table }) => table === 'crm_leads')?.rows).toBeGreaterThan(1_500);
    await expect(world.exports.export(world.mine.id, first)).rejects.toThrow(/already/);
  });

  it('is refused with any byte missing or flipped', async () => {
    const places = [
      0,
      9,
      17,
      18,
      19,
      25,
      300,
      whole.length >> 1,
      whole.length - 80,
      whole.length - 66,
      whole.length - 30,
    ];
    for (const at of [...places, whole.length - 1]) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0x20;
      await expect(world.restores.restore(await written(flipped))).rejects.toThrow(/damaged|no archive|the format/);
    }
    for (const length of [0, 5, 19, 40, 84, 85, whole.length >> 1, whole.length - 1])
      await expect(world.restores.restore(await written(whole.subarray(0, length)))).rejects.toThrow(
        /damaged|no archive|empty/,
      );
    await refuses(Buffer.concat([whole, Buffer.from('\n')]), /damaged/);
  });

  it('is refused when it is something else, newer or older, or names what is not here', async () => {
    await refuses(gzipSync('something else'), /no archive/);
    await refuses(
      changed((text) => text.replaceAll(world.mine.id, '00000000-0000-0000-0000-000000000000')),
      /of the platform itself/,
    );
    await refuses(
      changed((text) => text, 'tenantry archive 3\n'),
      /format 3/,
    );
    await refuses(
      changed((text) => text.replace(/"tenant":"Migration\d+/, '"tenant":"Migration29990101000000')),
      /newer version/,
    );
    await refuses(
      changed((text) => text.replace(/"core":"Migration\d+/, '"core":"Migration20200101000000')),
      /no version that is known here/,
    );
    for (const key of ['../../x', '/etc/x', 'exports/x'])
      await refuses(
        changed((text) => text.replace('"file":"files/a"', `"file":"${key}"`)),
        /damaged/,
      );
    await refuses(
      changed((text) => text.replace('stored bytes', 'STORED bytes')),
      /damaged/,
    );
    await refuses(
      changed((text) => text.replace(/\{"file":"files\/a"[^}]*\}\n.*\n/, '')),
      /damaged/,
    );
    await refuses(
      changed((text) => text.replace('"table":"crm_leads"', '"table":"crm_dears"')),
      /damaged/,
    );
    await refuses(
      changed((text) => text.replaceAll('"table":"crm_leads"', '"table":"crm_dears"')),
      /other tables/,
    );
  });

  it('is written and taken back at the command line', async () => {
    const file = world.newFile();
    const env = environmentOf(world.database);
    const exported = await tenantry(['tenant:export', 'testcorp', '--file', file, '--json'], { env });
    expect(exported.document()).toMatchObject({ ok: true, tenant_code: 'testcorp', file });
    const refused = await tenantry(['tenant:restore', '--file', file], { env });
    expect({ code: refused.code, err: refused.err }).toEqual({
      code: 1,
      err: 'error: The tenant testcorp is there and in use: delete it first, or restore beside it, by --as.\n',
    });
    const args = ['tenant:restore', '--file', file, '--as', 'byhand', '--name', 'By hand', '--isolation', 'shared'];
    const restored = await tenantry([...args, '--json'], { env });
    expect(restored.document()).toMatchObject({ ok: true, tenant_code: 'byhand' });
  }, 60_000);
});
