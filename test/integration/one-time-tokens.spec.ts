import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TokenInput } from '../../src/modules/auth/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { OneTimeTokens, PlatformUnit, tenancy } from '../support/dist.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

describe('one-time tokens', () => {
  let app: TestApp;
  let acme: Tenant;
  let globex: Tenant;
  beforeAll(async () => {
    app = await startApp();
    acme = await tenantOf(app.database, 'acme');
    globex = await tenantOf(app.database, 'globex');
  });
  afterAll(() => app.close());

  const transaction: InstanceType<typeof PlatformUnit>['transaction'] = (work) =>
    tenancy.runInScope(tenancy.emptyScope(), () => app.app.get(PlatformUnit).transaction(work));
  const tokens = () => app.app.get(OneTimeTokens);
  const invitation = (email: string, { id } = acme): TokenInput => ({
    ...{ purpose: 'invitation', organizationId: id, userId: null, email },
    ...{ roleCodes: ['viewer'], invitedBy: acme.adminId },
  });
  const make = async (input: TokenInput) => (await transaction((work) => tokens().make(work, input))).token;
  const use = (token: string) => transaction((work) => tokens().use(work, 'invitation', token));
  const find = (token: string) => tokens().find('invitation', token);

  it('say what they were made with until their time is over', async () => {
    const token = await make(invitation('ada@example.com'));
    expect(await find(token)).toMatchObject({
      ...{ organizationId: acme.id, userId: null, email: 'ada@example.com' },
      ...{ roleCodes: ['viewer'], invitedBy: acme.adminId },
    });
    const [row] = await app.database.sql(
      `select round(extract(epoch from expires_at - created_at))::int as lifetime from core.one_time_tokens where email = 'ada@example.com'`,
    );
    expect(row).toEqual({ lifetime: 7 * 24 * 3600 });
    expect(await tokens().find('password', token)).toBeUndefined();
    await app.database.sql(`update core.one_time_tokens set expires_at = now() where email = 'ada@example.com'`);
    expect(await find(token)).toBeUndefined();
    expect(await use(token)).toBeUndefined();
  });

  it('are used once, also where no user keeps fifty apart', async () => {
    const token = await make(invitation('once@example.com'));
    // all connections open, else the first has used it before the others are there
    await Promise.all(
      Array.from({ length: 50 }, () =>
        transaction((work) => work.query({ text: 'select pg_sleep(0.05)', values: [] })),
      ),
    );
    const used = await Promise.all(Array.from({ length: 50 }, () => use(token)));
    expect(used.filter((each) => each !== undefined)).toHaveLength(1);
    const entries = await app.database.sql<{ changes: string }>(
      `select a.changes::text as changes from core.audit_log a join core.one_time_tokens t on t.id = a.resource_id
       where t.email = 'once@example.com' and a.organization_id = $1 order by a.at, a.id`,
      [acme.id],
    );
    expect(entries).toHaveLength(2);
    expect(entries[0]?.changes).toContain('"token_hash": "***"');
  });

  it('stay good when the work that used them fails', async () => {
    const token = await make(invitation('again@example.com'));
    const failing = transaction(async (work) => {
      await tokens().use(work, 'invitation', token);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await use(token)).toMatchObject({ email: 'again@example.com' });
  });

  it('give way to the next of the same holder alone, whose address is one in any case', async () => {
    const first = await make(invitation('Eve@example.com'));
    const elsewhere = await make(invitation('eve@example.com', globex));
    const another = await make(invitation('adam@example.com'));
    const next = await make(invitation('eve@EXAMPLE.com'));
    expect(await find(first)).toBeUndefined();
    for (const token of [elsewhere, another, next]) expect(await find(token)).toBeDefined();
    await transaction((work) => tokens().revoke(work, invitation('EVE@example.com')));
    expect(await find(next)).toBeUndefined();
    expect(await use(next)).toBeUndefined();
    expect(await find(elsewhere)).toBeDefined();
  });

  it('of one holder are one, also when twenty are made at once', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => make(invitation('many@example.com'))));
    const living = await Promise.all(made.map(find));
    expect(living.filter((each) => each !== undefined)).toHaveLength(1);
  });
});
