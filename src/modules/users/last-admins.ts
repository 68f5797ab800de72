import { Injectable } from '@nestjs/common';
import { LastAdmin } from '../../common/problem.js';
import { ADMIN } from '../../platform/access/index.js';
import { literal } from '../../platform/resources/index.js';
import type { Unit } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';

/** An invited one counts, a suspended or deleted one does not, and $2 not in any case. */
const HAS_ADMIN = `select exists (select from core.roles r
    join core.user_roles ur on ur.role_scope_id = r.scope_id and ur.role_id = r.id and ur.organization_id = $1
    join core.members m on m.organization_id = $1 and m.id = ur.user_id
  where r.organization_id is null and r.role_code = ${literal(ADMIN)} and r.deleted_at is null
    and m.deleted_at is null and m.status <> 'suspended' and m.id is distinct from $2) as has`;
/** The organizations in which somebody is an administrator. */
const ADMIN_IN = `select ur.organization_id as id from core.user_roles ur join core.roles r on r.id = ur.role_id
  where ur.user_id = $1 and ur.organization_id is not null and r.organization_id is null and r.role_code = ${literal(ADMIN)}`;

/** A tenant always has an administrator: work that may take the last one is done one at a time in each tenant. */
@Injectable()
export class LastAdmins {
  constructor(private readonly platform: PlatformUnit) {}

  /** The ids of the organizations in which the person is an administrator, over all tenants. */
  async administeredBy(userId: string): Promise<string[]> {
    const rows = await this.platform.query<{ id: string }>({ text: ADMIN_IN, values: [userId] });
    return rows.map(({ id }) => id);
  }

  /**
   * Inside of a unit of work, whose every statement this must see.
   * @throws LastAdmin when afterwards one of the organizations has none
   */
  async keep<T>(unit: Unit, organizationIds: readonly string[], work: () => Promise<T>): Promise<T> {
    await lock(unit, organizationIds);
    const result = await work();
    for (const id of organizationIds) await assertAdmin(unit, id, null);
    return result;
  }

  /**
   * Inside of a core unit, for work that shuts a person out wherever he is: it sees its own organization alone, so the
   * others are asked by the platform's login for an administrator other than he, behind the same locks.
   * @throws LastAdmin
   */
  async keepEverywhere<T>(unit: Unit, organizationId: string, userId: string, work: () => Promise<T>): Promise<T> {
    const administered = await this.administeredBy(userId);
    await lock(unit, administered);
    const result = await work();
    for (const id of administered) await assertAdmin(id === organizationId ? unit : this.platform, id, userId);
    return result;
  }
}

async function lock(unit: Unit, organizationIds: readonly string[]): Promise<void> {
  // in one order, so that two who take several do not wait for one another
  for (const id of [...organizationIds].sort())
    await unit.write({ text: `select pg_advisory_xact_lock(hashtextextended($1, 0))`, values: [`admins:${id}`] });
}

async function assertAdmin(unit: Unit, organizationId: string, besides: string | null): Promise<void> {
  const [row] = await unit.read<{ has: boolean }>({ text: HAS_ADMIN, values: [organizationId, besides] });
  if (row?.has !== true) throw LastAdmin();
}
