import { asSuperuser, type Database } from './cluster.js';
import { type Person, PERSON, STANDING } from './data.js';

/** Users of the tenant that is measured; the others have 10 to 50. */
export const USERS = 10_000;
/** Members that the load rotates over: the tenant's first, of whom 21 are its administrators. */
const CALLERS = 100;

/** Ids and times come from numbers, so that the tenant that is measured has the same rows in every database. */
const id = (kind: string, ...parts: string[]): string => `md5(concat_ws(' ', '${kind}', ${parts.join(', ')}))::uuid`;
const instantOf = (n: string): string => `timestamptz '2026-01-01 00:00Z' + ${n} * interval '1 minute'`;

const TENANTS = `create temp table bench as
  select n as tenant, ${id('tenant', 'n')} as id, case n when 1 then ${String(USERS)} else 10 + n % 41 end as users from generate_series(1, $1::int) n`;

const ORGANIZATIONS = `insert into core.organizations (id, tenant_code, tenant_name, license_tier, location_id)
  select b.id, 'bench-' || b.tenant, 'Bench organization ' || b.tenant, 'enterprise', l.id
  from bench b, core.locations l where l.isolation = 'shared' order by b.id`;

const FIRST_NAMES = `array['Ada', 'Barbara', 'Charles', 'Dorothy', 'Edsger', 'Frances', 'Grace', 'Hedy', 'Ivan', 'Joan', 'Katherine', 'Linus',
  'Mary', 'Niklaus', 'Olga', 'Peter', 'Radia', 'Sophie', 'Tony', 'Ursula', 'Vera', 'Walter', 'Xenia', 'Yuri', 'Zoe']`;
const LAST_NAMES = `array['Allen', 'Brooks', 'Clarke', 'Dijkstra', 'Easley', 'Floyd', 'Goldberg', 'Hopper', 'Iverson', 'Johnson', 'Knuth',
  'Lovelace', 'Moore', 'Naur', 'Ousterhout', 'Perlman', 'Ritchie', 'Shannon', 'Torvalds']`;

/** Everybody, in no order: rows of one tenant lie among those of the others, as they come to lie over the years. */
const PEOPLE = `create temp table people as
  select b.tenant, b.id as organization_id, n, ${id('user', 'b.tenant', 'n')} as id, ${instantOf('n')} as at,
    (${FIRST_NAMES})[1 + n % 25] as first_name, (${LAST_NAMES})[1 + n % 19] as last_name,
    case when n <= 1 + b.users / 500 then 'admin' when n % 10 = 0 then 'editor' else 'viewer' end as role
  from bench b, generate_series(1, b.users) n order by ${id('place', 'b.tenant', 'n')}`;

const MEMBERS = [
  `insert into core.users (id, organization_id, username, email, first_name, last_name, full_name, phone, is_email_verified, created_at, updated_at)
    select id, organization_id, lower(concat_ws('.', first_name, last_name, n)), lower(concat_ws('.', first_name, last_name, n)) || '@bench-' || tenant || '.example',
      first_name, last_name, first_name || ' ' || last_name, '+49 30 ' || 1000000 + n, true, at, at from people`,
  `insert into core.user_tenant_associations (organization_id, user_id, joined_at, created_at, updated_at) select organization_id, id, at, at, at from people`,
  `insert into core.roles (id, organization_id, role_code, role_name, priority, record_scope)
    select ${id('role', 'b.tenant', 'n')}, b.id, 'team_' || n, 'Team ' || n, n, 'own' from bench b, generate_series(1, 5) n`,
  `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
    select uuidv7(), p.organization_id, p.id, r.scope_id, r.id from people p join core.roles r on r.organization_id is null and r.role_code = p.role
    union all select uuidv7(), p.organization_id, p.id, p.organization_id, ${id('role', 'p.tenant', '1 + p.n % 5')} from people p where p.n % 3 = 0`,
  `insert into core.sessions (id, user_id, organization_id, refresh_hash, family, expires_at)
    select uuidv7(), id, organization_id, md5(id::text), uuidv7(), now() + interval '7 days' from people`,
];

/** Those that every tenant has from its first day on, and six of its own. */
const GROUPS = [
  `insert into core.user_groups (id, organization_id, group_code, group_name, priority, group_type)
    select ${id('group', 'b.tenant', 'g.n')}, b.id, g.code, g.code, g.n, g.type from bench b, (
      select n, code, 'system' as type from unnest(array['all_members', 'regular_users', 'vip_users', 'premium_users']) with ordinality as s (code, n)
      union all select 4 + n, 'group-' || n, 'custom' from generate_series(1, 6) n) g`,
  `insert into core.user_group_members (id, organization_id, group_id, user_id)
    select uuidv7(), p.organization_id, ${id('group', 'p.tenant', 'g')}, p.id
    from people p, lateral (select distinct unnest(array[2, 3 + p.n % 8]) as g) m`,
];

/** Forty a tenant: eight groups of menus with four entries each, open or asking for a permission, a module, a group. */
const MENUS = [
  `insert into core.menus (id, organization_id, menu_code, menu_name, menu_icon, menu_type, display_order)
    select ${id('menu', 'b.tenant', 'n')}, b.id, 'menu-' || n, 'Menu ' || n, 'folder', 'group', n from bench b, generate_series(1, 8) n order by ${id('place', 'b.tenant', 'n')}`,
  `insert into core.menus (id, organization_id, parent_id, menu_code, menu_name, menu_url, menu_icon, display_order, required_permission, required_module)
    select ${id('menu', 'b.tenant', 'n')}, b.id, ${id('menu', 'b.tenant', '1 + n % 8')}, 'menu-' || n, 'Menu ' || n, '/menus/' || n, 'page', n,
      case when n % 5 = 0 then 'tenant_update' when n % 3 = 0 then 'user_read' end, case when n % 4 = 0 then 'crm' end
    from bench b, generate_series(9, 40) n order by ${id('place', 'b.tenant', 'n')}`,
  `insert into core.menu_groups (id, organization_id, menu_id, group_id)
    select uuidv7(), b.id, ${id('menu', 'b.tenant', 'n')}, ${id('group', 'b.tenant', 'g')}
    from bench b, generate_series(9, 40) n, lateral (select distinct unnest(array[1 + n % 10, 1 + n % 7]) as g) m where n % 2 = 0`,
];

/** Fills a database that has plans and roles with one large tenant and so many others. */
export function fillControlPlane(database: Database, tenants: number): Promise<void> {
  return asSuperuser(database.superuser, async (client) => {
    // no server runs yet that triggers could tell of the change, and ten thousand raise one row's version ten thousand times
    await client.query(`set session_replication_role = replica`);
    await client.query(TENANTS, [tenants]);
    for (const text of [ORGANIZATIONS, ...STANDING, PEOPLE, ...MEMBERS, ...GROUPS, ...MENUS]) await client.query(text);
  });
}

/** The first members of the tenant that is measured: administrators, editors and viewers. */
export const firstMembers = (database: Database): Promise<Person[]> =>
  asSuperuser(database.superuser, async (client) => {
    const { rows } = await client.query<Person>(
      `${PERSON} where u.organization_id = ${id('tenant', '1')} order by u.created_at limit ${String(CALLERS)}`,
    );
    return rows;
  });
