import { defineResource, type Resource } from '../../platform/resources/index.js';
import { CreateMenu, MenuRow } from './menu.dto.js';
import { Menu } from './menu.entity.js';
import './menus.problems.js';

const groupIds = (row: string) =>
  `(select coalesce(jsonb_agg(g.group_id order by g.group_id), '[]') from core.menu_groups g where g.organization_id = ${row}"organization_id" and g.menu_id = ${row}"id")`;

export const Menus: Resource<MenuRow> = defineResource({
  access: 'menu',
  path: 'menus',
  entity: Menu,
  create: CreateMenu,
  row: MenuRow,
  filters: [
    ...['menu_code', 'menu_name', 'menu_type', 'menu_url', 'parent_id', 'display_order', 'is_visible'],
    ...['required_permission', 'required_module'],
  ],
  search: ['menu_code', 'menu_name', 'menu_url'],
  sort: ['menu_code', 'menu_name', 'menu_type', 'display_order'],
  order: 'display_order',
  references: { parent_id: () => Menus },
  computed: { group_ids: { type: 'jsonb', sql: groupIds } },
  furtherFilters: {
    group_id: {
      type: 'uuid',
      description: 'Is for this group, or any of several',
      sql: (values, row) =>
        `exists (select from core.menu_groups g where g.organization_id = ${row}"organization_id" and g.menu_id = ${row}"id" and g.group_id = any(${values}))`,
    },
  },
  beside: ['group_ids'],
});
