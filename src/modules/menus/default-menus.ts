import { newId } from '../../common/ids.js';
import { type AuditEntry, auditContext, auditInsert } from '../../platform/tenancy/index.js';
import type { Running } from '../groups/index.js';

interface DefaultMenu {
  readonly menu_code: string;
  readonly menu_name: string;
  readonly menu_url: string;
  readonly menu_icon: string;
  readonly required_permission: string | null;
  readonly required_module: string | null;
}

const menu = (
  code: string,
  name: string,
  url: string,
  icon: string,
  permission?: string,
  module?: string,
): DefaultMenu => ({
  menu_code: code,
  menu_name: name,
  menu_url: url,
  menu_icon: icon,
  required_permission: permission ?? null,
  required_module: module ?? null,
});

/** What every tenant has from its first day on, in this order. */
const DEFAULT_MENUS: readonly DefaultMenu[] = [
  menu('home', 'Home', '/', 'home'),
  menu('boards', 'Boards', '/boards', 'forum', 'board_read', 'boards'),
  menu('files', 'Files', '/files', 'folder', 'document_read', 'documents'),
  menu('members', 'Members', '/members', 'people', 'user_read'),
  menu('settings', 'Settings', '/settings', 'settings', 'tenant_update'),
];

/**
 * Makes the menus that the tenant has never had, each with its audit entry, in the transaction that runs: one that people
 * have deleted stays deleted. @returns the codes of those that were made
 */
export async function makeDefaultMenus(unit: Running, organizationId: string): Promise<string[]> {
  const wanted = DEFAULT_MENUS.map((each, at) => ({ id: newId(), ...each, display_order: (at + 1) * 10 }));
  const made = await unit.write<{ id: string; menu_code: string }>({
    text: `insert into core.menus (id, organization_id, menu_code, menu_name, menu_url, menu_icon, required_permission, required_module, display_order, created_by, updated_by)
      select w.id, $1::uuid, w.menu_code, w.menu_name, w.menu_url, w.menu_icon, w.required_permission, w.required_module, w.display_order, $3::uuid, $3::uuid
      from jsonb_to_recordset($2::jsonb) as w (id uuid, menu_code text, menu_name text, menu_url text, menu_icon text, required_permission text, required_module text, display_order int)
      where not exists (select from core.menus m where m.organization_id = $1::uuid and m.menu_code_lower = w.menu_code)
      on conflict (organization_id, menu_code_lower) where deleted_at is null do nothing returning id, menu_code`,
    values: [organizationId, JSON.stringify(wanted), auditContext().actorId],
  });
  const byCode = new Map(wanted.map(({ id: _, ...each }) => [each.menu_code, each]));
  const entries = made.map(({ id, menu_code: code }): AuditEntry => {
    const after = { ...byCode.get(code), parent_id: null, menu_type: 'item', is_visible: true, metadata: {} };
    return { organizationId, action: 'create', resource: 'menus', resourceId: id, changes: { after } };
  });
  if (entries.length > 0) await unit.write(auditInsert('core.audit_log', entries));
  return made.map(({ menu_code: code }) => code);
}
