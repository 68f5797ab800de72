import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  coreWall,
  id,
  lowerOf,
  oneOf,
  reference,
  softDelete,
  stamps,
  tenantFilter,
  version,
} from '../../platform/database/index.js';
import { groupReference } from '../groups/index.js';

const core = { schema: 'core', ...coreWall, filters: tenantFilter } as const;
export const MENU_TYPES = ['item', 'group', 'link', 'divider'] as const;

/** An entry of a tenant's navigation. A tree of at most five levels: a trigger holds that, and that there is no cycle. */
const MenuSchema = defineEntity({
  ...core,
  name: 'Menu',
  tableName: 'menus',
  checks: [oneOf('menus', 'menu_type', MENU_TYPES)],
  uniques: [
    { name: 'menus_organization_id_id_key', properties: ['organizationId', 'id'] },
    {
      name: 'menus_organization_id_menu_code_key',
      properties: ['organizationId', 'menuCodeLower'],
      where: 'deleted_at is null',
    },
  ],
  indexes: [
    {
      name: 'menus_display_order_idx',
      properties: ['organizationId', 'displayOrder', 'id'],
      where: 'deleted_at is null',
    },
    { name: 'menus_organization_id_parent_id_idx', properties: ['organizationId', 'parentId'] },
  ],
  properties: {
    ...id,
    organizationId: p.uuid(),
    parentId: p.uuid().nullable(),
    parent: () => reference(Menu, { organization_id: 'organization_id', parent_id: 'id' }).nullable(),
    menuCode: p.string().length(50),
    menuCodeLower: lowerOf('menu_code', 50),
    menuName: p.string().length(200),
    menuUrl: p.string().length(255).nullable(),
    menuIcon: p.string().length(255).nullable(),
    menuType: p.string().length(10).default('item').$type<(typeof MENU_TYPES)[number]>(),
    displayOrder: p.integer().default(0),
    isVisible: p.boolean().default(true),
    requiredPermission: p.string().length(100).nullable(),
    requiredModule: p.string().length(50).nullable(),
    metadata: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class Menu extends MenuSchema.class {}
MenuSchema.setClass(Menu);

/** For whom a menu is: without a row, for everybody. */
const MenuGroupSchema = defineEntity({
  ...core,
  name: 'MenuGroup',
  tableName: 'menu_groups',
  uniques: [
    { name: 'menu_groups_organization_id_menu_id_group_id_key', properties: ['organizationId', 'menu', 'group'] },
  ],
  indexes: [{ name: 'menu_groups_organization_id_group_id_idx', properties: ['organizationId', 'group'] }],
  properties: {
    ...id,
    organizationId: p.uuid(),
    menu: () => reference(Menu, { organization_id: 'organization_id', menu_id: 'id' }).ownColumns('menu_id'),
    group: groupReference,
    ...stamps,
  },
});
export class MenuGroup extends MenuGroupSchema.class {}
MenuGroupSchema.setClass(MenuGroup);
