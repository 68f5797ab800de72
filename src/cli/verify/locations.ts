import { type MigrationStatus, nameOfPlace, type Pools } from '../../platform/database/index.js';
import { type Row, row, type Section } from './section.js';

const TABLES = `select count(*)::int as tables from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition`;

/** The tables and migrations of core and of each location. */
export async function locations(pools: Pools, statuses: readonly MigrationStatus[]): Promise<Section> {
  const rows: Row[] = [];
  for (const status of statuses) rows.push(await locationRow(pools, status));
  return { title: 'Locations', headings: ['place', 'plane', 'tables', 'migrations', 'at'], rows };
}

async function locationRow(pools: Pools, status: MigrationStatus): Promise<Row> {
  const { plane, applied, pending, fault } = status;
  const place = nameOfPlace(status, pools.main);
  if (fault !== undefined) return row([place, plane, 'unknown', 'unknown', 'unknown'], `cannot be asked: ${fault}`);
  const { rows } = await pools.get('platform', status).query<{ tables: number }>(TABLES, [status.schema]);
  const tables = rows[0]?.tables ?? 0;
  return row(
    [place, plane, tables, applied.length, applied.at(-1)?.name ?? 'nothing'],
    pending.length > 0 && `${pending.join(', ')} pending: run tenantry migrate`,
    tables === 0 && 'there are no tables',
  );
}

/** What a product starts from, and what comes after it. */
const COUNTED = {
  plans: 'tenantry seed entitlements',
  permissions: 'tenantry seed roles',
  roles: 'tenantry seed roles',
  role_permissions: 'tenantry seed roles',
  organizations: undefined,
  subscriptions: undefined,
  module_trials: undefined,
  users: undefined,
  user_tenant_associations: undefined,
  user_roles: undefined,
  user_modules: undefined,
  user_permissions: undefined,
  sessions: undefined,
};

/** Rows in the tables of core; without the first four nobody could do anything. */
export async function counts(pools: Pools): Promise<Section> {
  const names = Object.keys(COUNTED);
  const { rows } = await pools
    .get('platform')
    .query<{ name: string; count: number }>(
      names.map((name) => `select '${name}' as name, count(*)::int as count from core.${name}`).join(' union all '),
    );
  const counted = new Map(rows.map(({ name, count }) => [name, count]));
  return {
    title: 'Core',
    headings: ['table', 'rows'],
    rows: Object.entries(COUNTED).map(([name, seed]) => {
      const count = counted.get(name) ?? 0;
      return row([name, count], count === 0 && seed !== undefined && `is empty: run ${seed}`);
    }),
  };
}
