import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { changedRows, type Rows } from '../../support/oracles.js';
import { makeWorld, type World } from '../archives/world.js';
import { atEachPoint, Killings, type Died, EVERYWHERE, trial } from './killed.js';
import type { Kill } from './killing-proxy.js';

const LONG_MS = EVERYWHERE ? 900_000 : 60_000;
const LEAST = 5;

let world: World;
let killings: Killings;
let file: string;
/** As they were exported; those of everybody else. */
let rows: Rows;
let others: Rows;
beforeAll(async () => {
  world = await makeWorld();
  killings = await Killings.on(world.database);
  file = await world.exported();
  [rows, others] = [await world.rows(), await world.others()];
}, LONG_MS);
afterAll(async () => {
  await killings.close();
  await world.app.close();
});

/** What a restore changes besides: an entry of it and, of one that was there, its epoch. */
const AS_IT_WAS = /^(?!core\.(audit_log|organizations) )/;
const SIGN_IN = { email: 'admin@testcorp.com', password: 'password123' };

/** Of everybody else: what was there is as it was. New are the second tenants, and entries of those who could not sign in. */
const tampered = async (before = others): Promise<string[]> =>
  changedRows(before, await world.others(), /^(core|shared)\.\w+ .*-/).filter((key) => before.has(key));

/** Core has it as deleted, so that nobody signs in, and whoever had been signed in gets nowhere. */
const expectNobodyIn = async (id: string): Promise<void> => {
  expect((await world.app.anonymous.post('/auth/login', SIGN_IN)).status).toBe(401);
  const living = 'select from core.organizations where id = $1 and deleted_at is null';
  expect(await world.database.sql(living, [id])).toEqual([]);
};
const isBack = async (id: string): Promise<boolean> =>
  (await world.database.sql('select from core.organizations where id = $1 and deleted_at is null', [id])).length > 0;
const placesOf = (id: string) =>
  world.database.sql(
    `select l.isolation, l.status from core.organizations o join core.locations l on l.id = o.location_id where o.id = $1`,
    [id],
  );
const leadsOf = async (id: string): Promise<number> =>
  (await world.database.everywhere('select from crm_leads where organization_id = $1', [id])).length;
/** Schemas and databases of tenants that core does not know, locations of nobody, copies that were being filled. */
const dangling = (): Promise<unknown[]> =>
  world.database.sql(
    `select nspname::text as name from pg_namespace where nspname like 'tenant\\_%' and not exists (
         select from core.locations where database_name is null and schema_name = nspname)
     union all select datname::text from pg_database where (datname like 'tenant\\_testcorp%' or datname like 'tenant\\_second%') and not exists (
         select from core.locations where database_name = datname)
     union all select schema_name from core.locations l where isolation <> 'shared' and status <> 'retired' and not exists (
         select from core.organizations where location_id = l.id)`,
  );

/** Restores the tenant by a process that is killed, and then by another one. */
const inPlace = async (gone: 'wiped' | 'deleted', more: string[], kill: Kill): Promise<Died | undefined> => {
  const { mine, database } = world;
  if (gone === 'wiped') await world.wipe();
  else await database.sql('update core.organizations set deleted_at = now() where id = $1', [mine.id]);
  const died = await killings.killed(['tenant:restore', '--file', file, ...more], kill);
  expect(await tampered()).toEqual([]);
  if (!(await isBack(mine.id))) {
    await expectNobodyIn(mine.id);
    const isolation = more.at(-1);
    await world.restores.restore(file, isolation === undefined ? {} : { isolation });
  }
  expect(changedRows(rows, await world.rows(), AS_IT_WAS)).toEqual([]);
  expect(await tampered()).toEqual([]);
  expect(await placesOf(mine.id)).toEqual([{ isolation: more.at(-1) ?? 'shared', status: 'ready' }]);
  expect(await dangling()).toEqual([]);
  const admin = await world.app.signIn(SIGN_IN.email);
  expect((await admin.get('/boards')).status).toBe(200);
  return died;
};

/** The same of a second tenant, beside it. */
const beside = async (code: string, isolation: string, kill: Kill): Promise<Died | undefined> => {
  const args = ['tenant:restore', '--file', file, '--as', code, '--isolation', isolation];
  const root = (await world.app.signIn('superadmin@example.com')).with({ 'x-tenant': code });
  const before = { rows: await world.rows(), others: await world.others() };
  const died = await killings.killed(args, kill);
  const found = async (): Promise<string | undefined> =>
    (await world.database.sql<{ id: string }>('select id from core.organizations where tenant_code = $1', [code]))[0]
      ?.id;
  let id = await found();
  if (id === undefined || !(await isBack(id))) {
    expect((await root.get('/boards')).status).toBe(404);
    await world.restores.restore(file, { as: code, isolation });
    id = await found();
  }
  const second = id ?? '';
  expect(changedRows(before.rows, await world.rows(), AS_IT_WAS)).toEqual([]);
  expect(await tampered(before.others)).toEqual([]);
  expect(await leadsOf(second)).toBe(await leadsOf(world.mine.id));
  expect((await world.rows(second)).size).toBeGreaterThan(rows.size / 2);
  expect(await placesOf(second)).toEqual([{ isolation, status: 'ready' }]);
  expect(await dangling()).toEqual([]);
  return died;
};

trial('tenant:restore that is killed', () => {
  it(
    'before its last commit has let nobody in, and the same command makes it whole',
    async () => {
      // the fence is open by then, and core says the last word
      const died = await inPlace('deleted', [], { point: EVERYWHERE ? 1 : LEAST, when: 'before' });
      expect(died).toBeDefined();
    },
    LONG_MS,
  );

  (EVERYWHERE ? it : it.skip).each([
    ['deleted', []],
    ['wiped', []],
    ['wiped', ['--isolation', 'schema']],
    ['wiped', ['--isolation', 'database']],
  ] as const)(
    'at each point, of one that is %s (%j), is ended by the same command',
    async (gone, more) => {
      const met = await atEachPoint((kill) => inPlace(gone, [...more], kill));
      process.stdout.write(
        `tenant:restore, ${gone} ${more.join(' ')}, killed ${String(met.length)} times:\n  ${met.join('\n  ')}\n`,
      );
      expect(met.length).toBeGreaterThanOrEqual(LEAST);
    },
    LONG_MS,
  );

  (EVERYWHERE ? it : it.skip).each(['shared', 'schema', 'database'])(
    'at each point, beside the first and in %s, is ended by the same command',
    async (isolation) => {
      let made = 0;
      const met = await atEachPoint((kill) => beside(`second-${isolation}-${String(++made)}`, isolation, kill));
      process.stdout.write(
        `tenant:restore --as in ${isolation}, killed ${String(met.length)} times:\n  ${met.join('\n  ')}\n`,
      );
      expect(met.length).toBeGreaterThanOrEqual(LEAST);
    },
    LONG_MS,
  );
});
