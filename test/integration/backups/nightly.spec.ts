import { mkdtempSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../../support/app.js';

const { directory: RUN } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };

describe('a node with a schedule of backups', () => {
  const data = mkdtempSync(join(RUN, 'nightly-'));
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp(undefined, { DATA_DIR: data, BACKUP_SCHEDULE: '0 0 1 1 *', BACKUP_KEEP: '1' });
  });
  afterAll(() => app.close());

  const jobs = () =>
    app.database.sql<{ state: string }>(`select state::text from pgboss.job where name = 'backups.make'`);

  it('has it in the queue, in UTC', async () => {
    for (let tries = 0; tries < 100; tries++) {
      const found = await app.database.sql('select cron, timezone from pgboss.schedule where name = $1', [
        'backups.make',
      ]);
      if (found.length > 0) {
        expect(found).toEqual([{ cron: '0 0 1 1 *', timezone: 'UTC' }]);
        return;
      }
      await sleep(100);
    }
    throw new Error('there is no schedule');
  });

  it('makes one when its time has come, and keeps as many as it is told to', async () => {
    const old = join(data, 'backups', '20200101T000000000Z');
    await mkdir(old, { recursive: true });
    // what the schedule does at its time
    await app.database.sql(
      `insert into pgboss.job (name, policy, retry_limit, expire_seconds) values ('backups.make', 'exclusive', 0, 900)`,
    );
    for (let tries = 0; tries < 300 && (await jobs())[0]?.state !== 'completed'; tries++) await sleep(100);
    expect(await jobs()).toEqual([{ state: 'completed' }]);
    const [name, ...more] = await readdir(join(data, 'backups'));
    expect(more).toEqual([]);
    expect(await readdir(join(data, 'backups', name ?? ''))).toEqual(
      expect.arrayContaining(['backup.json', 'platform.archive', expect.stringMatching(/^testcorp_.*\.archive$/)]),
    );
  });
});
