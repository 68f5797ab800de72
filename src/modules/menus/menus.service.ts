import { Injectable } from '@nestjs/common';
import { findBit, moduleNumber, type Snapshot } from '../../platform/access/index.js';
import { CoreUnit, currentPlacement, currentScope } from '../../platform/tenancy/index.js';
import { isComputed, type Running } from '../groups/index.js';
import { makeDefaultMenus } from './default-menus.js';
import type { MenuTree } from './menu.dto.js';
import { type MenuCaller, type MenuOfCaller, menuTree } from './menu-tree.js';

/** Every living, visible menu of the tenant, and whether it is for one who is a member. */
const MENUS_OF_CALLER = `select m.id, m.parent_id, m.menu_code, m.menu_name, m.menu_url, m.menu_icon, m.menu_type, m.display_order,
    m.required_permission, m.required_module, m.metadata,
    not exists (select from core.menu_groups mg where mg.organization_id = m.organization_id and mg.menu_id = m.id)
      or exists (select from core.menu_groups mg join core.user_groups g on g.organization_id = mg.organization_id and g.id = mg.group_id
        where mg.organization_id = m.organization_id and mg.menu_id = m.id and (${isComputed('g.')} or exists (select from core.user_group_members gm
          where gm.organization_id = mg.organization_id and gm.group_id = mg.group_id and gm.user_id = $2))) as is_for_caller
  from core.menus m where m.organization_id = $1 and m.deleted_at is null and m.is_visible order by m.display_order, m.id`;

/** The navigation of the scope's tenant. */
@Injectable()
export class MenusService {
  constructor(private readonly core: CoreUnit) {}

  /** The tree that the caller sees. */
  async ofCaller(): Promise<MenuTree> {
    const { snapshot } = currentScope();
    const rows = await this.core.query<MenuOfCaller>({
      name: 'menus_of_caller',
      text: MENUS_OF_CALLER,
      values: [currentPlacement().organizationId, snapshot?.userId ?? null],
    });
    return { items: menuTree(rows, callerOf(snapshot)) };
  }

  /** For whoever makes a tenant: to be called in the transaction that makes it. A second time it makes what is missing. */
  makeDefaults(unit: Running, organizationId: string): Promise<string[]> {
    return makeDefaultMenus(unit, organizationId);
  }
}

const callerOf = (snapshot: Snapshot | undefined): MenuCaller => ({
  isPlatform: snapshot === undefined || snapshot.platform,
  holds: (permission) => snapshot?.may(findBit(permission)) === true,
  uses: (module) => snapshot?.tenant?.modules.has(moduleNumber(module) ?? -1) === true,
});
