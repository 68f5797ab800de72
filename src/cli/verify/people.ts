import type { SnapshotSource } from '../../platform/access/index.js';
import type { Pools } from '../../platform/database/index.js';
import { type Row, row, type Section } from './section.js';

interface Person {
  readonly id: string;
  readonly email: string;
  readonly status: string;
  readonly organization_id: string | null;
  readonly tenant: string | null;
  readonly member_status: string | null;
  readonly reports_to: string | null;
  readonly modules: readonly string[] | null;
}
const PEOPLE = `select u.id, u.email, u.status, u.organization_id, o.tenant_code as tenant, a.status as member_status, s.email as reports_to,
    (select array_agg(m.module order by m.module) from core.user_modules m where m.organization_id = u.organization_id and m.user_id = u.id) as modules
  from core.users u left join core.organizations o on o.id = u.organization_id
  left join core.user_tenant_associations a on a.organization_id = u.organization_id and a.user_id = u.id
  left join core.users s on s.id = a.reports_to_id
  where u.deleted_at is null and (o.id is null or o.deleted_at is null) order by o.created_at nulls first, o.tenant_code, u.created_at, u.email`;

/** Every user with his roles and what comes of them, by the code that the guards decide with. */
export async function people(pools: Pools, source: SnapshotSource): Promise<Section> {
  const { rows: found } = await pools.get('platform').query<Person>(PEOPLE);
  const rows: Row[] = [];
  for (const person of found) rows.push(await personRow(source, person));
  return {
    title: 'Users',
    headings: ['user', 'tenant', 'status', 'roles', 'permissions', 'records', 'besides'],
    rows,
  };
}

async function personRow(source: SnapshotSource, person: Person): Promise<Row> {
  const { id, email, status, organization_id, tenant, member_status, reports_to, modules } = person;
  const standing = (await source.load(id, organization_id, null))?.snapshot.standing;
  const roles = standing?.roleCodes ?? [];
  const permissions = standing?.superuser === true ? 'all' : (standing?.permissions.grants().length ?? 0);
  const besides = [modules && `modules ${modules.join(', ')}`, reports_to && `reports to ${reports_to}`];
  return row(
    [
      email,
      tenant ?? '–',
      status,
      roles.join(', '),
      String(permissions),
      standing?.recordScope ?? '',
      besides.filter(Boolean).join(' · '),
    ],
    organization_id !== null && member_status === null && 'he is no member of his own organization',
    organization_id === null && !roles.includes('super_admin') && 'a platform user without super_admin can do nothing',
    roles.includes('executive') && reports_to === null && 'an executive without a superior',
    roles.length > 0 && permissions === 0 && 'his roles have no permission: run tenantry seed roles',
  );
}
