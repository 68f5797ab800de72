import { Injectable } from '@nestjs/common';
import { LastAdmin } from '../../common/problem.js';
import { ADMIN } from '../../platform/access/index.js';
import { literal } from '../../platform/resources/index.js';
import type { Unit } from '../../platform/tenancy/index.js';

/** An invited one counts, a suspended or deleted one does not. */
const HAS_ADMIN = `select exists (select from core.roles r
    join core.user_roles ur on ur.role_scope_id = r.scope_id and ur.role_id = r.id and ur.organization_id = $1
    join core.members m on m.organization_id = $1 and m.id = ur.user_id
  where r.organization_id is null and r.role_code = ${literal(ADMIN)} and r.deleted_at is null
    and m.deleted_at is null and m.status <> 'suspended') as has`;

/** A tenant always has an administrator: work that may take the last one is done one at a time in each tenant. */
@Injectable()
export class LastAdmins {
  /**
   * Inside of a unit of work, whose every statement this must see.
   * @throws LastAdmin when afterwards one of the organizations has none
   */
  async keep<T>(unit: Unit, organizationIds: readonly string[], work: () => Promise<T>): Promise<T> {
    // in one order, so that two who take several do not wait for one another
    for (const id of [...organizationIds].sort())
      await unit.write({ text: `select pg_advisory_xact_lock(hashtextextended($1, 0))`, values: [`admins:${id}`] });
    const result = await work();
    for (const id of organizationIds) {
      const [row] = await unit.read<{ has: boolean }>({ text: HAS_ADMIN, values: [id] });
      if (row?.has !== true) throw LastAdmin();
    }
    return result;
  }
}
