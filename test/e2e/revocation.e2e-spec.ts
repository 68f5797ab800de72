import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { within } from '../support/promised.js';
import { tenantOf } from '../support/tenants.js';

/** The promise: refused on every node within this many milliseconds, in 99 of 100 tries, and never later than that. */
const PROMISED_MS = within(100);
const NEVER_LATER_MS = within(2_000);
const TRIES = 100;

describe('what was taken away by plain SQL is refused on two nodes', () => {
  let nodes: [TestApp, TestApp];
  beforeAll(async () => {
    const first = await startApp();
    nodes = [first, await startApp(first.database)];
  });
  afterAll(async () => {
    await nodes[1].close();
    await nodes[0].close();
  });

  /** The same caller at each node. */
  const callers = async (email: string): Promise<[Client, Client]> => {
    const client = await nodes[0].signIn(email);
    return [client, nodes[1].anonymous.with({ ...client.headers })];
  };
  const sql = (text: string, values: unknown[] = []) => nodes[0].database.sql(text, values);
  /** Milliseconds until the caller is answered so. */
  const until = async (client: Client, status: number): Promise<number> => {
    const started = performance.now();
    while ((await client.get('/crm/leads?limit=1')).status !== status) {
      if (performance.now() - started > 10_000) throw new Error(`never answered ${String(status)}`);
    }
    return performance.now() - started;
  };
  const both = async (clients: readonly Client[], status: number) =>
    Math.max(...(await Promise.all(clients.map((client) => until(client, status)))));

  const CHANGES: [what: string, email: string, refused: number, take: string, give: string][] = [
    [
      'a role revoked',
      'viewer@testcorp.com',
      403,
      `delete from core.user_roles ur using core.users u where u.id = ur.user_id and u.email = 'viewer@testcorp.com'`,
      `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
       select gen_random_uuid(), u.organization_id, u.id, '00000000-0000-0000-0000-000000000000', r.id
       from core.users u, core.roles r where u.email = 'viewer@testcorp.com' and r.role_code = 'viewer' and r.organization_id is null`,
    ],
    [
      'a module switched off',
      'admin@acme.com',
      403,
      `update core.organizations set enabled_modules = '{"crm": false}' where tenant_code = 'acme'`,
      `update core.organizations set enabled_modules = '{}' where tenant_code = 'acme'`,
    ],
    [
      'a user suspended',
      'editor@testcorp.com',
      401,
      `update core.users set status = 'suspended' where email = 'editor@testcorp.com'`,
      `update core.users set status = 'active' where email = 'editor@testcorp.com'`,
    ],
    [
      'a tenant suspended',
      'admin@globex.com',
      403,
      `update core.organizations set status = 'suspended' where tenant_code = 'globex'`,
      `update core.organizations set status = 'active' where tenant_code = 'globex'`,
    ],
  ];

  it('in each of many tries, in 99 of 100 within the promised time', async () => {
    // the editor reads leads here by a role that has the right
    await sql(CHANGES[0]?.[4].replaceAll('viewer@testcorp.com', 'editor@testcorp.com') ?? '');
    const times: number[] = [];
    const signedIn = await Promise.all(CHANGES.map(([, email]) => callers(email)));
    for (let round = 0; times.length < TRIES; round++) {
      const [, , refused, take, give] = CHANGES[round % CHANGES.length] as (typeof CHANGES)[number];
      const clients = signedIn[round % CHANGES.length] as [Client, Client];
      await both(clients, 200);
      await sql(take);
      times.push(await both(clients, refused));
      await sql(give);
    }
    times.sort((a, b) => a - b);
    const slow = times.filter((ms) => ms > PROMISED_MS);
    process.stdout.write(
      `revoked to refused on both nodes: median ${times[TRIES / 2]?.toFixed(1) ?? ''} ms, worst ${times.at(-1)?.toFixed(1) ?? ''} ms\n`,
    );
    expect(slow.length).toBeLessThanOrEqual(TRIES / 100);
    expect(times.at(-1)).toBeLessThan(NEVER_LATER_MS);
  }, 60_000);

  it('and when a row moves to another tenant, or a session’s time is cut short', async () => {
    const [viewer] = await callers('viewer@testcorp.com');
    const [manager] = await callers('manager@testcorp.com');
    await both([viewer, manager], 200);
    await sql(
      `update core.sessions s set expires_at = now() - interval '1 second' from core.users u where u.id = s.user_id and u.email = 'viewer@testcorp.com'`,
    );
    expect(await until(viewer, 401)).toBeLessThan(NEVER_LATER_MS);
    const manages = `select ur.id from core.user_roles ur join core.users u on u.id = ur.user_id where u.email = 'manager@testcorp.com'`;
    await sql(`insert into core.user_tenant_associations (organization_id, user_id, status)
      select o.id, u.id, 'active' from core.users u, core.organizations o where u.email = 'manager@testcorp.com' and o.tenant_code = 'acme'`);
    await until(manager, 200);
    await sql(
      `update core.user_roles set organization_id = (select id from core.organizations where tenant_code = 'acme') where id in (${manages})`,
    );
    expect(await until(manager, 403)).toBeLessThan(NEVER_LATER_MS);
  });

  it('and to an export that is under way', async () => {
    const [admin] = await callers('admin@testcorp.com');
    const { database } = nodes[0];
    const { id } = await tenantOf(database, 'testcorp');
    await database.at(id).sql(
      `insert into crm_leads (organization_id, id, name, metadata)
       select $1, uuidv7(), 'Long ' || n, jsonb_build_object('text', repeat('x', 20000)) from generate_series(1, 3000) n`,
      [id],
    );
    const answer = await fetch(`${admin.url}/api/v1/crm/leads.csv?q=Long`, { headers: admin.headers });
    const reader = answer.body?.getReader();
    await reader?.read();
    await sql(CHANGES[3]?.[3].replaceAll('globex', 'testcorp') ?? '');
    const [node] = nodes;
    await until(node.anonymous.with({ ...admin.headers }), 403);
    const rest = async (): Promise<void> => {
      while ((await reader?.read())?.done === false);
    };
    // cut in the middle: half a file cannot pass for a whole one
    await expect(rest()).rejects.toThrow();
    await sql(CHANGES[3]?.[4].replaceAll('globex', 'testcorp') ?? '');
  }, 60_000);

  it('and right after the listeners’ connections were cut', async () => {
    const clients = await callers('viewer@testcorp.com');
    await both(clients, 200);
    const cut = await sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tenantry listener' and datname = current_database()`,
    );
    expect(cut).toHaveLength(2);
    await sql(CHANGES[0]?.[3] ?? '');
    expect(await both(clients, 403)).toBeLessThan(NEVER_LATER_MS);
    await sql(CHANGES[0]?.[4] ?? '');
    expect(await both(clients, 200)).toBeLessThan(NEVER_LATER_MS);
  });

  it('and a session that was ended', async () => {
    const clients = await callers('admin@acme.com');
    await both(clients, 200);
    expect((await clients[0].post('/auth/logout')).status).toBe(204);
    expect(await both(clients, 401)).toBeLessThan(NEVER_LATER_MS);
  });
});
