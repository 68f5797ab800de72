import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig, storage } from '../../support/dist.js';
import { S3, spoiler } from '../../support/s3.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const { directory: RUN } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };
type Store = InstanceType<typeof storage.ObjectStore>;

const [A, B] = [randomUUID(), randomUUID()];
const WRONG_KEYS = [
  ...[
    '../x',
    `../${B}/files/a`,
    'files/../../x',
    'files/..',
    '/etc/x',
    'files//a',
    'files/',
    '.incoming/x',
    'files/.x',
  ],
  ...['a\0b', 'a\\b', '', 'ü', 'x'.repeat(200), `${'x/'.repeat(300)}x`],
];
const inPieces = (bytes: Buffer, size: number): Readable => {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return Readable.from(pieces, { objectMode: false });
};
const of = (text: string): Readable => inPieces(Buffer.from(text), 3);
const open = (environment: Record<string, string>, dataDir: string): Promise<Store> =>
  storage.openStore(loadConfig({ ENVIRONMENT: 'test', DATA_DIR: dataDir, ...environment }));

describe.each(['disk', 's3'] as const)('stored objects on %s', (kind) => {
  let s3: S3 | undefined;
  let store: Store;
  const dataDir = mkdtempSync(join(RUN, 'storage-'));
  beforeAll(async () => {
    s3 = kind === 's3' ? await S3.start() : undefined;
    store = await open(s3?.environment() ?? {}, dataDir);
  });
  afterAll(async () => {
    store.close();
    await s3?.close();
  });

  const filesOf = (organizationId: string) => new storage.PlatformStorage(store).of(organizationId);
  const read = async (key: string, organizationId = A): Promise<Buffer> =>
    buffer((await filesOf(organizationId).get(key)).body);
  const keys = async (organizationId = A, folder?: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of filesOf(organizationId).list(folder)) found.push(key);
    return found.sort();
  };
  /** Everything that is really there. */
  const there = async (): Promise<string[]> => {
    if (s3 !== undefined) return s3.keys();
    const entries = await readdir(join(dataDir, 'storage'), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(dataDir.length + '/storage/'.length))
      .sort();
  };

  it.each([
    ['nothing', 0, 1],
    ['little', 1_000, 7],
    ['one part', 8 * 1024 * 1024, 65_536],
    ['a part and a rest', 8 * 1024 * 1024 + 5, 1_000_003],
  ])('come back as they were: %s', async (_, length, size) => {
    const bytes = randomBytes(length);
    const stored = await filesOf(A).put('files/one', inPieces(bytes, size));
    expect(stored).toEqual({ bytes: length, sha256: createHash('sha256').update(bytes).digest('hex') });
    const found = await filesOf(A).get('files/one');
    expect(found.bytes).toBe(length);
    expect(bytes.equals(await buffer(found.body))).toBe(true);
  });

  it('are replaced, and deleted as often as one likes', async () => {
    await filesOf(A).put('files/one', of('the first'));
    await filesOf(A).put('files/one', of('the second'));
    expect((await read('files/one')).toString()).toBe('the second');
    for (let time = 0; time < 2; time++) await filesOf(A).delete('files/one');
    await expect(filesOf(A).get('files/one')).rejects.toMatchObject({ code: 'not_found' });
    expect(await keys()).toEqual([]);
  });

  it('are listed by folder and go by tenant, whatever begins alike', async () => {
    for (const key of ['files/a', 'files/b/c', 'files2/d', 'exports/e']) await filesOf(A).put(key, of(key));
    await filesOf(B).put('files/a', of('of B'));
    expect(await keys(A, 'files')).toEqual(['files/a', 'files/b/c']);
    expect(await keys(A)).toEqual(['exports/e', 'files/a', 'files/b/c', 'files2/d']);
    expect(await keys(randomUUID())).toEqual([]);
    await new storage.PlatformStorage(store).deleteAll(A);
    expect(await keys(A)).toEqual([]);
    expect((await read('files/a', B)).toString()).toBe('of B');
    expect(await there()).toEqual([`tenants/${B}/files/a`]);
  });

  it('have keys that lead nowhere else', async () => {
    const before = await there();
    for (const key of WRONG_KEYS) {
      const source = of('stolen');
      expect(() => filesOf(A).put(key, source)).toThrow('no key');
      expect(() => filesOf(A).get(key)).toThrow('no key');
      expect(() => filesOf(A).delete(key)).toThrow('no key');
      await expect(keys(A, key)).rejects.toThrow('no key');
    }
    expect(await there()).toEqual(before);
    expect((await read('files/a', B)).toString()).toBe('of B');
  });

  it('are of a tenant: what is no id has none', () => {
    expect(() => filesOf(`${A}/..`).put('a', of('x'))).toThrow('no id');
  });

  it.each([100, 9 * 1024 * 1024])('nothing is left of a source that fails after %d bytes', async (length) => {
    const before = await there();
    const failing = Readable.from(
      (async function* () {
        yield await Promise.resolve(randomBytes(length));
        throw new RangeError('the client has gone');
      })(),
      { objectMode: false },
    );
    await expect(filesOf(A).put('files/failing', failing)).rejects.toThrow(RangeError);
    expect(await there()).toEqual(before);
  });

  it('tells a node without a scope’s tenant that it has none', () => {
    expect(() => new storage.Storage(store).own).toThrow();
  });
});

describe('a server like S3', () => {
  it('that is down is 503, and serves again when it is back', async () => {
    const s3 = await S3.start();
    const proxy = await TcpProxy.before(s3.url);
    const store = await open(s3.environment(proxy.url.replace(/\/$/, '')), RUN);
    const files = new storage.PlatformStorage(store).of(A);
    await files.put('files/a', of('x'));
    proxy.refuse();
    const away = { code: 'unavailable', headers: { 'retry-after': '2' }, cause: expect.anything() };
    await expect(files.put('files/b', of('y'))).rejects.toMatchObject(away);
    await expect(files.get('files/a')).rejects.toMatchObject(away);
    await expect(files.delete('files/a')).rejects.toMatchObject(away);
    await expect(files.list().next()).rejects.toMatchObject(away);
    proxy.forward();
    expect((await buffer((await files.get('files/a')).body)).toString()).toBe('x');
    expect(await s3.keys()).toEqual([`tenants/${A}/files/a`]);
    store.close();
    await proxy.close();
    await s3.close();
  });

  it('that says nothing is given up', async () => {
    const s3 = await S3.start();
    const proxy = await TcpProxy.before(s3.url);
    const config = loadConfig({ ENVIRONMENT: 'test', ...s3.environment(proxy.url.replace(/\/$/, '')) });
    if (config.s3 === undefined) throw new Error('no bucket');
    const store = new storage.S3Store(config.s3, { connect: 200, answer: 5_000, silence: 300 });
    await store.put('big', inPieces(randomBytes(4 * 1024 * 1024), 65_536));
    const { body } = await store.get('big');
    body.once('readable', () => proxy.silence());
    await expect(buffer(body)).rejects.toThrow();
    await expect(store.get('big')).rejects.toMatchObject({ code: 'unavailable' });
    store.close();
    await proxy.close();
    await s3.close();
  });

  it('that stores other bytes than were sent is not believed, and keeps none of them', async () => {
    const s3 = await S3.start();
    const liar = await spoiler(s3.url);
    const store = await open(s3.environment(liar.url), RUN);
    const files = new storage.PlatformStorage(store).of(A);
    for (const length of [100, 9 * 1024 * 1024])
      await expect(files.put('files/a', inPieces(randomBytes(length), 65_536))).rejects.toMatchObject({
        code: 'unavailable',
        cause: expect.objectContaining({ message: expect.stringContaining('other bytes') }),
      });
    expect(await s3.keys()).toEqual([]);
    store.close();
    liar.close();
    await s3.close();
  });
});
