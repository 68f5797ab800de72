import { asSuperuser, type Database } from './cluster.js';

/** Somebody signed in to one organization, with the ids of some of its leads. */
export interface Person {
  readonly userId: string;
  readonly organizationId: string;
  readonly session: string;
  readonly leadIds: readonly string[];
}

export interface DataOptions {
  readonly organizations: number;
  /** In each organization; the first is its administrator. */
  readonly members: number;
  /** In each organization. */
  readonly leads: number;
}

/** Tenants that the load rotates over, and what each of them has. */
export const DATA: DataOptions = { organizations: 100, members: 100, leads: 100 };

/** The plan includes the module that is measured; role and plan are there already. */
const PLAN = 'enterprise';

const ORGANIZATIONS = `insert into core.organizations (id, tenant_code, tenant_name, license_tier, location_id)
  select uuidv7(), 'bench-' || n, 'Bench organization ' || n, '${PLAN}', l.id
  from generate_series(1, $1::int) n, core.locations l where l.isolation = 'shared'`;

/** What makes an organization one that can be used. */
export const STANDING = [
  `insert into tenancy.fence (organization_id, epoch, state) select id, epoch, 'active' from core.organizations`,
  `insert into core.subscriptions (id, organization_id, plan_code, status) select uuidv7(), id, '${PLAN}', 'active' from core.organizations`,
];

const PEOPLE = `insert into core.users (id, organization_id, username, email, full_name)
  select uuidv7(), o.id, case n when 1 then 'admin' else 'member-' || n end, n || '@' || o.tenant_code || '.example', 'Person ' || n
  from core.organizations o, generate_series(1, $1::int) n`;

const MEMBERSHIP = [
  `insert into core.user_tenant_associations (organization_id, user_id) select organization_id, id from core.users`,
  `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
    select uuidv7(), u.organization_id, u.id, r.scope_id, r.id from core.users u join core.roles r
    on r.organization_id is null and r.role_code = case u.username when 'admin' then 'admin' else 'viewer' end`,
  `insert into core.sessions (id, user_id, organization_id, refresh_hash, family, expires_at)
    select uuidv7(), id, organization_id, md5(id::text), uuidv7(), now() + interval '7 days' from core.users`,
];

const LEADS = `insert into shared.crm_leads
    (organization_id, id, owner_id, tags, name, company, email, phone, source, status, estimated_value, currency, created_at, updated_at, created_by, updated_by)
  select u.organization_id, uuidv7(), u.id, '["bench"]', 'Lead number ' || n, 'Company "' || n || '" & Partners', 'lead' || n || '@company.example',
    case when n % 3 = 0 then '+49 30 1234' || n end, (array['web', 'referral', 'fair'])[1 + n % 3],
    (array['new', 'contacted', 'qualified', 'lost', 'converted'])[1 + n % 5], n * 100.5, 'EUR', at, at, u.id, u.id
  from generate_series(1, $1::int) n, core.users u, lateral (select now() - n * interval '1 minute' as at)
  where u.username = 'admin' order by n`;

/** Fills a database that has plans and roles. */
export function fill(database: Database, { organizations, members, leads }: DataOptions): Promise<void> {
  return asSuperuser(database.superuser, async (client) => {
    await client.query(ORGANIZATIONS, [organizations]);
    for (const text of STANDING) await client.query(text);
    await client.query(PEOPLE, [members]);
    for (const text of MEMBERSHIP) await client.query(text);
    await client.query(LEADS, [leads]);
  });
}

// whoever names a partitioned table meets its own policies, never those of its partitions
const WITHOUT_WALLS = ['crm_leads', 'audit_log'].flatMap((table) => [
  `alter table shared.${table} disable row level security`,
  `alter table shared.${table} no force row level security`,
]);

/** Takes the policies from the tables that the floor works on: they stay the same in all else. */
export const takeWalls = (database: Database): Promise<void> =>
  asSuperuser(database.superuser, async (client) => {
    for (const text of WITHOUT_WALLS) await client.query(text);
  });

/** The administrators of the first organizations. */
export const administrators = (database: Database, organizations: number): Promise<Person[]> =>
  asSuperuser(database.superuser, async (client) => {
    const { rows } = await client.query<Person>(`${PERSON} where u.username = 'admin' order by u.id limit $1`, [
      organizations,
    ]);
    return rows;
  });

/** Everybody. */
export const members = (database: Database): Promise<Person[]> =>
  asSuperuser(database.superuser, async (client) => (await client.query<Person>(PERSON)).rows);

/** With a few leads of his organization. */
export const PERSON = `select u.id as "userId", u.organization_id as "organizationId", s.family as session,
    array(select l.id from shared.crm_leads l where l.organization_id = u.organization_id limit 5) as "leadIds"
  from core.users u join core.sessions s on s.user_id = u.id`;
