import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

const ENTRIES = 50_000;

/** A node of a plan, and those below it. */
interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

describe('the log of all tenants', () => {
  let database: TestDatabase;
  let platform: pg.Client;
  beforeAll(async () => {
    database = await freshDatabase();
    await database.sql(
      `insert into core.audit_log (organization_id, id, at, action, resource)
       select o.id, gen_random_uuid(), now() - n * interval '1 second', 'probe', 'probes'
       from generate_series(1, ${String(ENTRIES)}) n join lateral (select id from core.organizations order by id offset n % 5 limit 1) o on true`,
    );
    await database.sql('analyze core.audit_log');
    platform = new pg.Client({ connectionString: database.urls.platform });
    await platform.connect();
  });
  afterAll(async () => {
    await platform.end();
    await database.drop();
  });

  const nodes = async (where: string, direction: string): Promise<Plan[]> => {
    const { rows } = await platform.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (format json) select * from core.audit_log where ${where} order by at ${direction}, id ${direction} limit 51`,
    );
    return rows.flatMap((row) => nodesOf(row['QUERY PLAN'][0].Plan));
  };

  it.each([
    ['the newest page', 'true', 'desc'],
    ['the oldest page', 'true', 'asc'],
    ['a later page', `(at, id) < (now() - interval '1 hour', '00000000-0000-0000-0000-000000000000')`, 'desc'],
  ])('comes page by page from the index by time: %s', async (_, where, direction) => {
    const plan = await nodes(where, direction);
    const types = plan.map((node) => node['Node Type']);
    expect(types).not.toContain('Sort');
    expect(types).not.toContain('Incremental Sort');
    expect(plan.some((node) => node['Index Name']?.endsWith('_at_id_idx') === true)).toBe(true);
  });
});
