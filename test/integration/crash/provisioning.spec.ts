import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../../support/app.js';
import type { Answer, Client } from '../../support/client.js';
import { Provisioning } from '../../support/dist.js';
import { within } from '../../support/promised.js';
import { environmentOf, tenantry } from '../cli/cli.js';
import { atEachPoint, Killings, EVERYWHERE, trial } from './killed.js';
import type { Kill } from './killing-proxy.js';

const LONG_MS = EVERYWHERE ? 900_000 : 60_000;
/** How often something was killed before it was done: far fewer would mean that the points were not met. */
const LEAST = 8;

let app: TestApp;
let root: Client;
let killings: Killings;
beforeAll(async () => {
  app = await startApp();
  root = await app.signIn('superadmin@example.com');
  killings = await Killings.on(app.database);
}, LONG_MS);
afterAll(async () => {
  await killings.close();
  await app.close();
});

const as = (code: string): Client => root.with({ 'x-tenant': code });
const bodyOf = (code: string, isolation: string) => ({
  ...{ tenant_code: code, tenant_name: code, admin_email: `admin@${code}.example`, license_tier: 'enterprise' },
  isolation,
});
const create = (code: string, isolation: string) => [
  ...['tenant:create', '--code', code, '--name', code, '--admin-email', `admin@${code}.example`],
  ...['--tier', 'enterprise', '--isolation', isolation],
];

interface Standing {
  readonly id: string;
  readonly epoch: number;
  readonly location_id: string | null;
  readonly status: string | null;
  readonly database_name: string | null;
  readonly schema_name: string | null;
}
const standing = async (code: string): Promise<Standing | undefined> =>
  (
    await app.database.sql<Standing>(
      `select o.id, o.epoch, o.location_id, l.status, l.database_name, l.schema_name
       from core.organizations o left join core.locations l on l.id = o.location_id where o.tenant_code = $1`,
      [code],
    )
  )[0];

/** What is asked when a tenant has just become ready: every node hears of it within a moment. */
const soon = async (ask: () => Promise<Answer>): Promise<Answer> => {
  for (const until = Date.now() + within(1_000); ;) {
    const answer = await ask();
    if (answer.status !== 503 || Date.now() > until) return answer;
    await sleep(20);
  }
};

const steps = (of: Standing | undefined) =>
  app.database.sql(
    `select step, finished_at is not null as done, last_error from core.location_steps where location_id = $1 order by step`,
    [of?.location_id ?? null],
  );

/** Nobody gets into what is half-made. @returns whether it is */
const isHalfMade = async (code: string): Promise<boolean> => {
  const found = await standing(code);
  if (found?.status === 'ready') return false;
  const answers = [await as(code).get('/crm/leads'), await as(code).post('/crm/leads', { name: 'Too early' })];
  expect(answers.map(({ status }) => status)).toEqual(found === undefined ? [404, 404] : [503, 503]);
  return true;
};

/** It is used like any other, stands in exactly one place, and nothing else has been left of it. */
const expectWhole = async (code: string, isolation: string): Promise<void> => {
  const found = await standing(code);
  expect([found, await steps(found)]).toMatchObject([{ epoch: 1, status: 'ready' }, expect.anything()]);
  const { id } = found as Standing;
  const { sql, everywhere, at } = app.database;
  const made = await soon(() => as(code).post('/crm/leads', { name: `First of ${code}` }));
  expect(made).toMatchObject({ status: 201 });
  expect((await as(code).get('/crm/leads')).body).toMatchObject({ items: [{ id: (made.body as { id: string }).id }] });
  // its beginning is there once
  expect(await everywhere('select board_code from boards where organization_id = $1', [id])).toEqual([
    { board_code: 'notice' },
  ]);
  expect(await at(id).sql('select board_code from boards')).toContainEqual({ board_code: 'notice' });
  const fences = await everywhere('select distinct epoch, state from tenancy.fence where organization_id = $1', [id]);
  expect(new Set(fences.map((fence) => JSON.stringify(fence)))).toEqual(
    new Set([JSON.stringify({ epoch: 1, state: 'active' })]),
  );
  expect(
    await sql(
      `select (select count(*)::int from core.users where organization_id = $1) as users,
         (select count(*)::int from core.one_time_tokens where organization_id = $1) as invitations,
         (select count(*)::int from core.subscriptions where organization_id = $1) as subscriptions`,
      [id],
    ),
  ).toEqual([{ users: 1, invitations: 1, subscriptions: 1 }]);
  if (isolation !== 'shared')
    expect(await steps(found)).toEqual(
      ['defaults', 'fence', 'ready', 'tables'].map((step) => ({ step, done: true, last_error: null })),
    );
  expect(await dangling()).toEqual([]);
};

/** Schemas and databases of tenants that core does not know, and locations of nobody. */
const dangling = (): Promise<unknown[]> =>
  app.database.sql(
    `select nspname::text as name from pg_namespace where nspname like 'tenant\\_%' and not exists (
         select from core.locations where database_name is null and schema_name = nspname)
     union all select datname::text from pg_database where datname like 'tenant\\_killed%' and not exists (
         select from core.locations where database_name = datname)
     union all select schema_name from core.locations l where isolation <> 'shared' and not exists (
         select from core.organizations where location_id = l.id)`,
  );

let made = 0;
const freshCode = (): string => `killed${String(++made)}`;

/** Whoever died, and wherever: somebody else finishes what there is, or begins what is not there. */
const finish = async (code: string, isolation: string, byCommand: boolean): Promise<void> => {
  if ((await standing(code)) === undefined) {
    const { code: exit, err } = await tenantry(create(code, isolation), { env: environmentOf(app.database) });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
  } else if (byCommand) {
    const resumed = await tenantry(['tenant:resume', code, '--json'], { env: environmentOf(app.database) });
    expect(resumed).toMatchObject({ code: 0 });
  } else {
    await app.app.get(Provisioning).resume(0);
  }
};

trial('tenant:create that is killed', () => {
  const once = async (isolation: string, kill: Kill, byCommand = false) => {
    const code = freshCode();
    const died = await killings.killed(create(code, isolation), kill);
    if (await isHalfMade(code)) await finish(code, isolation, byCommand);
    await expectWhole(code, isolation);
    return died;
  };

  // in the midst of its making: core has the tenant, and its place is not there yet
  (EVERYWHERE ? it.skip : it).each([
    ['schema', true],
    ['database', false],
  ])(
    'while its %s is made is finished by the next one',
    async (isolation, byCommand) => {
      const died = await once(isolation, { point: 4, when: 'during' }, byCommand);
      expect(died?.at).toMatch(/commit|create|grant|revoke/i);
    },
    LONG_MS,
  );

  (EVERYWHERE ? it : it.skip).each(['shared', 'schema', 'database'])(
    'at each point of making one in %s is finished by the next one',
    async (isolation) => {
      const met = await atEachPoint((kill) => once(isolation, kill));
      process.stdout.write(
        `tenant:create in ${isolation}, killed ${String(met.length)} times:\n  ${met.join('\n  ')}\n`,
      );
      expect(met.length).toBeGreaterThanOrEqual(isolation === 'shared' ? 4 : LEAST);
    },
    LONG_MS,
  );
});

trial('POST /tenants of a node that is killed', () => {
  const once = async (isolation: string, kill: Kill) => {
    const code = freshCode();
    const request = [bodyOf(code, isolation), { 'idempotency-key': code }] as const;
    const ask = async (node: Client): Promise<void> => {
      const answer = await node.post('/tenants', ...request).catch(() => undefined);
      // behind a 202 it goes on, until it is ready or killed
      const lives = () =>
        node.get('//health/live').then(
          () => true,
          () => false,
        );
      while (answer?.status === 202 && (await standing(code))?.status !== 'ready' && (await lives())) await sleep(20);
    };
    const died = await killings.killedNode('superadmin@example.com', ask, kill);
    const begun = await standing(code);
    if ((await isHalfMade(code)) && begun !== undefined) await finish(code, isolation, false);
    // whoever had no answer asks again, of another node, and is told of the one that he made
    const again = await root.post('/tenants', ...request);
    expect([201, 202]).toContain(again.status);
    if (begun !== undefined) expect(again.body).toMatchObject({ id: begun.id });
    // one that is made anew may take longer than an answer waits
    else
      for (const until = Date.now() + within(5_000); (await standing(code))?.status !== 'ready' && Date.now() < until;)
        await sleep(50);
    await expectWhole(code, isolation);
    return died;
  };
  (EVERYWHERE ? it : it.skip).each(['shared', 'schema', 'database'])(
    'at each point of making one in %s is finished by the next node',
    async (isolation) => {
      const met = await atEachPoint((kill) => once(isolation, kill));
      process.stdout.write(`POST /tenants in ${isolation}, killed ${String(met.length)} times\n`);
      expect(met.length).toBeGreaterThanOrEqual(isolation === 'shared' ? 4 : LEAST);
    },
    LONG_MS,
  );
});
