import { Injectable } from '@nestjs/common';
import { ValidationFailed } from '../../common/problem.js';
import { notFoundAt } from '../../platform/resources/index.js';
import {
  type AuditEntry,
  auditContext,
  auditInsert,
  CoreUnit,
  currentPlacement,
} from '../../platform/tenancy/index.js';

interface Link {
  readonly id: string;
  readonly group_id: string;
}

/** For which groups menus are. To be called inside a unit of work. */
@Injectable()
export class MenuGroups {
  constructor(private readonly core: CoreUnit) {}

  /**
   * Makes the menu one for these groups and no others. @returns the groups before, when anything was changed
   * @throws ValidationFailed at each group that is not to be had
   */
  async replace(menuId: string, groupIds: readonly string[]): Promise<readonly string[] | undefined> {
    await this.assertGroups(groupIds);
    const organizationId = currentPlacement().organizationId;
    const before = await this.core.query<Link>({
      text: `select id, group_id from core.menu_groups where organization_id = $1 and menu_id = $2 order by group_id`,
      values: [organizationId, menuId],
    });
    const gone = await this.remove(menuId, groupIds);
    const made = await this.core.query<Link>({
      text: `insert into core.menu_groups (id, organization_id, menu_id, group_id, created_by, updated_by)
        select uuidv7(), $1::uuid, $2::uuid, group_id, $4::uuid, $4::uuid from (select distinct unnest($3::uuid[]) group_id) w
        on conflict (organization_id, menu_id, group_id) do nothing returning id, group_id`,
      values: [organizationId, menuId, groupIds, auditContext().actorId],
    });
    await this.note(menuId, 'create', made);
    return gone + made.length === 0 ? undefined : before.map(({ group_id: id }) => id);
  }

  /** @param kept groups that the menu stays for. @returns how many it is not for any more */
  async remove(menuId: string, kept: readonly string[]): Promise<number> {
    const gone = await this.core.query<Link>({
      text: `delete from core.menu_groups where organization_id = $1 and menu_id = $2 and group_id <> all($3::uuid[]) returning id, group_id`,
      values: [currentPlacement().organizationId, menuId, kept],
    });
    await this.note(menuId, 'delete', gone);
    return gone.length;
  }

  /** They are held until the transaction is over, so that none is deleted meanwhile. */
  private async assertGroups(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const rows = await this.core.query<{ id: string }>({
      text: `select id from core.user_groups where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null order by id for key share`,
      values: [currentPlacement().organizationId, ids],
    });
    const living = new Set(rows.map(({ id }) => id));
    const errors = ids.flatMap((id, at) => (living.has(id) ? [] : [notFoundAt(`group_ids.${String(at)}`)]));
    if (errors.length > 0) throw ValidationFailed({ errors });
  }

  private async note(menuId: string, action: 'create' | 'delete', links: readonly Link[]): Promise<void> {
    if (links.length === 0) return;
    const { organizationId } = currentPlacement();
    const entries = links.map(({ id, group_id }): AuditEntry => {
      const row = { menu_id: menuId, group_id };
      const changes = action === 'create' ? { after: row } : { before: row };
      return { organizationId, action, resource: 'menu_groups', resourceId: id, changes };
    });
    await this.core.query(auditInsert('core.audit_log', entries));
  }
}
