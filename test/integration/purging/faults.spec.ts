import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changedRows, type Rows } from '../../support/oracles.js';
import { type Isolation, makeWorld, type World } from './world.js';

const SCRIPT = fileURLToPath(new URL('./purge-process.mjs', import.meta.url));
const LONG = 120_000;

let world: World;
let others: Rows;
let counted: Record<string, number>;
let report: Awaited<ReturnType<World['purges']['run']>>;

const prepare = async (way: Isolation[]): Promise<void> => {
  for (const isolation of way) await world.move(isolation);
  await world.deleteIt();
  others = await world.others();
  counted = await world.remains();
};

/** Nothing is left of it, nobody else has lost anything, and what is told of it is what there was. */
const expectGone = async (): Promise<void> => {
  const { database, mine } = world;
  expect(Object.keys(await world.remains())).toEqual(['core.tombstones']);
  expect(report.stored.files).toBe(2);
  expect(await database.sql('select from core.organizations where id = $1', [mine.id])).toEqual([]);
  // of its guest elsewhere
  const changed = changedRows(others, await world.others(), /^(?!core\.(access_version|tombstones|audit_log) )/);
  expect(
    changed.filter((key) => !/^core\.(sessions|user_(group_members|roles|tenant_associations)) /.test(key)),
  ).toEqual([]);
  expect(report.rows).toMatchObject({
    ...{ 'core.users': counted['core.users'], 'core.user_roles': counted['core.user_roles'] },
    ...{ 'core.audit_log': counted['core.audit_log'], 'core.menus': counted['core.menus'] },
  });
  const leads = Object.entries(counted).flatMap(([table, count]) => (table.endsWith('.crm_leads') ? [count] : []));
  expect(leads).toContain(report.rows['crm_leads']);
  const entries = await database.sql(`select from core.audit_log where resource_id = $1 and action = 'purge'`, [
    mine.id,
  ]);
  expect(entries).toHaveLength(1);
};

beforeEach(async () => {
  world = await makeWorld();
}, LONG);
afterEach(() => world.close(), LONG);

describe('a purge that is broken off', () => {
  it.each<[string, Isolation[]]>([
    ['shared', []],
    ['database', ['schema', 'database']],
  ])(
    'at each of its steps is gone on with by the next one, in isolation %s',
    async (_, way) => {
      await prepare(way);
      const { database, mine } = world;
      const died = new Set<string>();
      for (let ended = false; !ended;) {
        const passed: string[] = [];
        // each dies at a step that none before it has come to, of the many batches at a few
        const onStep = (step: string): void => {
          const at = `${step} ${String(passed.filter((each) => each === step).length)}`;
          passed.push(step);
          if (died.has(at) || /^core_rows .*[1-79]$/.test(at)) return;
          died.add(at);
          throw new Error(`died at ${at}`);
        };
        try {
          report = await world.purge(onStep);
          ended = true;
        } catch (error) {
          expect(String(error)).toMatch('died at');
          // whatever is left of it, nobody brings it back
          await expect(
            database.sql('update core.organizations set deleted_at = null where id = $1', [mine.id]),
          ).rejects.toMatchObject({ constraint: 'organizations_purge_check' });
        }
      }
      const steps = [...died].map((at) => at.split(' ')[0]);
      expect(steps).toEqual(
        expect.arrayContaining([
          'begun',
          'closed',
          'counted',
          'emptied',
          'unfenced',
          'places_empty',
          'core_rows',
          'files_counted',
          'files_gone',
          'forgotten',
        ]),
      );
      expect(steps.includes('dropped')).toBe(way.length > 0);
      await expectGone();
    },
    LONG,
  );
});

describe('a process that is killed while it purges', () => {
  it(
    'is followed by another',
    async () => {
      await prepare(['schema']);
      const { database, mine } = world;
      const given = JSON.stringify({ urls: database.urls, id: mine.id, step: 'core_rows' });
      const child = spawn(process.execPath, [SCRIPT, given], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(Object.keys(await world.remains()).length).toBeGreaterThan(1);
      report = await world.purge();
      await expectGone();
    },
    LONG,
  );
});
