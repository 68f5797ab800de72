import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Changes } from '../support/changes.js';
import { faultsOfAudit } from '../support/oracles-audit.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { type Tenant, tenantOf } from '../support/tenants.js';
import { EXCEPTIONS } from '../e2e/matrix-recipes.js';

/** The rule is only worth what it finds: each way to break it is found here. */
describe('one audit entry for each changed row', () => {
  let database: TestDatabase;
  let changes: Changes;
  let tenant: Tenant;
  let other: Tenant;
  beforeAll(async () => {
    database = await freshDatabase();
    [tenant, other] = [await tenantOf(database, 'testcorp'), await tenantOf(database, 'globex')];
    changes = await Changes.watch(database);
  });
  afterAll(() => database.drop());

  const LEAD = '0198a8a2-0000-7000-8000-00000000000a';
  const LINK = '0198a8a2-0000-7000-8000-00000000000b';
  const entry = (
    action: string,
    resource: string,
    id: string,
    { of = tenant, plane = 'shared', outcome = 'ok' } = {},
  ) =>
    `insert into ${plane}.audit_log (organization_id, id, action, resource, resource_id, outcome) values ('${of.id}', gen_random_uuid(), '${action}', '${resource}', '${id}', '${outcome}')`;
  const lead = () =>
    `insert into shared.crm_leads (organization_id, id, name) values ('${tenant.id}', '${LEAD}', 'A lead')`;
  const change = (set: string) => `update shared.crm_leads set ${set} where id = '${LEAD}'`;

  /** What is wrong with a transaction that has not happened. */
  const faultsOf = async (...statements: string[]): Promise<string[]> => {
    const mark = await changes.mark();
    await database.sql(`begin; ${statements.join('; ')}; commit`);
    const faults = faultsOfAudit(await changes.since(mark), EXCEPTIONS);
    await database.sql(
      `delete from shared.crm_leads where id = '${LEAD}'; delete from core.user_modules where id = '${LINK}'`,
    );
    return faults;
  };
  const made = () => entry('create', 'crm_leads', LEAD);

  it('holds for rows made, changed, deleted, brought back and removed', async () => {
    expect(await faultsOf(lead(), made())).toEqual([]);
    await database.sql(lead());
    for (const [set, action] of [
      [`name = 'B'`, 'update'],
      [`deleted_at = now()`, 'delete'],
      ['deleted_at = null', 'restore'],
    ] as const) {
      const mark = await changes.mark();
      await database.sql(`begin; ${change(set)}; ${entry(action, 'crm_leads', LEAD)}; commit`);
      expect(faultsOfAudit(await changes.since(mark), EXCEPTIONS)).toEqual([]);
    }
    const mark = await changes.mark();
    await database.sql(
      `begin; delete from shared.crm_leads where id = '${LEAD}'; ${entry('delete', 'crm_leads', LEAD)}; commit`,
    );
    expect(faultsOfAudit(await changes.since(mark), EXCEPTIONS)).toEqual([]);
  });

  it('counts a row once, however often a transaction touches it, and not at all when it is gone again', async () => {
    expect(await faultsOf(lead(), change(`name = 'B'`), made())).toEqual([]);
    expect(await faultsOf(lead(), `delete from shared.crm_leads where id = '${LEAD}'`)).toEqual([]);
  });

  it.each([
    ['a row without an entry', () => [lead()], /create of shared.crm_leads .* without an audit entry/],
    ['two entries', () => [lead(), made(), made()], /with 2 audit entries/],
    ['an entry of another row', () => [lead(), entry('create', 'crm_leads', LINK)], /without an audit entry/],
    ['an entry in the other plane', () => [lead(), entry('create', 'crm_leads', LEAD, { plane: 'core' })], /without/],
    ['an entry in another tenant’s log', () => [lead(), entry('create', 'crm_leads', LEAD, { of: other })], /is of/],
    ['another name for it', () => [lead(), entry('update', 'crm_leads', LEAD)], /the audit log calls it update/],
    [
      'an entry of a refusal alone',
      () => [lead(), entry('create', 'crm_leads', LEAD, { outcome: 'refused' })],
      /without/,
    ],
    ['an entry of nothing', () => [made()], /where nothing changed/],
    [
      'a second row beside the one that is told of',
      () => [
        lead(),
        made(),
        `insert into core.user_modules (organization_id, id, user_id, module) values ('${tenant.id}', '${LINK}', '${tenant.adminId}', 'crm')`,
      ],
      /create of core.user_modules .* without/,
    ],
  ])('finds %s', async (_, statements, fault) => {
    expect(await faultsOf(...statements())).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
  });

  it('finds an entry that was written in another transaction', async () => {
    const mark = await changes.mark();
    await database.sql(lead());
    await database.sql(made());
    expect(faultsOfAudit(await changes.since(mark), EXCEPTIONS)).toHaveLength(2);
    await database.sql(`delete from shared.crm_leads where id = '${LEAD}'`);
  });

  it('leaves out time stamps of use, and them alone', async () => {
    const touch = (more: string) => `update core.users set last_login_at = now()${more} where id = '${tenant.adminId}'`;
    expect(await faultsOf(touch(''))).toEqual([]);
    expect(await faultsOf(touch(`, updated_at = now()`))).toEqual([]);
    expect(await faultsOf(touch(`, full_name = 'Somebody else'`))).toHaveLength(1);
  });
});
