import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { loadConfig, storage } from '../../support/dist.js';

const { directory: RUN } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };
const MODULE = pathToFileURL(join(import.meta.dirname, '../../../dist/src/platform/storage/open-store.js')).href;

/** A process whose files may have 64 KiB: to it, the disk is full then. */
const SCRIPT = `
  const { openStore } = await import(${JSON.stringify(MODULE)});
  const store = await openStore({ dataDir: process.env.DATA_DIR });
  const put = (key, length) => store.put(key, (async function* () { for (let at = 0; at < length; at += 4096) yield Buffer.alloc(4096); })());
  await put('tenants/a/small', 4096);
  const refused = await put('tenants/a/small', 1024 * 1024).catch((error) => error);
  console.log(JSON.stringify({ code: refused.code, detail: refused.detail, cause: refused.cause?.code, then: (await put('tenants/a/other', 8192)).bytes }));
`;

it('a disk that is full is told clearly, and keeps what was there before', async () => {
  const dataDir = mkdtempSync(join(RUN, 'full-'));
  const child = spawn('bash', ['-c', 'ulimit -f 64; exec "$0" --input-type=module -e "$1"', process.execPath, SCRIPT], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [out] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(JSON.parse(out)).toEqual({
    ...{ code: 'unavailable', detail: 'There is no room for files just now.', cause: 'EFBIG', then: 8192 },
  });
  const folder = join(dataDir, 'storage/tenants/a');
  expect(readdirSync(folder).sort()).toEqual(['other', 'small']);
  expect(readdirSync(join(dataDir, 'storage/.incoming'))).toEqual([]);
});

it('what a writer has left who died is removed, and what is being written is not', async () => {
  const dataDir = mkdtempSync(join(RUN, 'left-'));
  const incoming = join(dataDir, 'storage/.incoming');
  mkdirSync(incoming, { recursive: true });
  for (const name of ['left', 'fresh']) writeFileSync(join(incoming, name), 'half');
  const before = new Date(Date.now() - 2 * 3_600_000);
  utimesSync(join(incoming, 'left'), before, before);
  const store = await storage.openStore(loadConfig({ ENVIRONMENT: 'test', DATA_DIR: dataDir }));
  await store.tidy();
  expect(readdirSync(incoming)).toEqual(['fresh']);
});
