import { PLATFORM_RESOURCES } from './resources.js';

/** Whether and how a tenant's right to a module is asked for: `always_on` and `by_role` ask no entitlement, the others do. */
export type ModuleKind = 'always_on' | 'by_role' | 'licensed' | 'feature';

export interface Submodule {
  /** snake_case, as in permissions and tables */
  readonly key: string;
  /** kebab-case, as in paths */
  readonly path: string;
  readonly name: string;
  /** its table also has the policy `owner_id = app.user_id` */
  readonly private: boolean;
}

export interface Module {
  readonly key: string;
  readonly name: string;
  readonly kind: ModuleKind;
  /** a feature that comes on top of the standard modules: no plan of standard modules includes it by itself */
  readonly advanced: boolean;
  readonly submodules: readonly Submodule[];
}

/** A submodule whose table is private to the owner of each row. */
export const privately = (key: string): Submodule => ({ ...submodule(key), private: true });

const submodule = (key: string): Submodule => ({
  key,
  path: key.replaceAll('_', '-'),
  name: titleOf(key),
  private: false,
});
const titleOf = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1).replaceAll('_', ' ');

const define =
  (kind: ModuleKind) =>
  (key: string, name: string, ...submodules: (string | Submodule)[]): Module => ({
    key,
    name,
    kind,
    advanced: kind === 'feature',
    submodules: submodules.map((each) => (typeof each === 'string' ? submodule(each) : each)),
  });
const alwaysOn = define('always_on');
const byRole = define('by_role');
const licensed = define('licensed');
const feature = define('feature');

/** Every module of the product, a line each. Guards, permissions, seeders, menus and OpenAPI know modules from here alone. */
export const MODULES: readonly Module[] = checkModules([
  alwaysOn('email', 'E-mail', 'accounts', 'messages'),
  alwaysOn('dashboard', 'Dashboard', 'summary'),
  byRole('settings', 'Settings'),
  byRole('admin', 'Administration'),
  byRole('organization', 'Organization'),
  licensed('boards', 'Boards'),
  licensed('documents', 'Documents'),
  licensed('crm', 'CRM', 'leads', 'contacts', 'opportunities', 'activities'),
  licensed('sales', 'Sales', 'customers', 'quotations', 'orders'),
  licensed('inventory', 'Inventory', 'items', 'warehouses', 'stock_movements'),
  licensed('manufacturing', 'Manufacturing', 'boms', 'orders'),
  licensed('finance', 'Finance', 'accounts', 'invoices', 'payments', 'journal_entries'),
  licensed('hr', 'Human resources', 'departments', 'employees', 'leave_requests'),
  licensed('marketing', 'Marketing', 'campaigns', 'campaign_members'),
  licensed('service', 'Service', 'tickets', 'ticket_comments'),
  licensed('asset', 'Assets', 'assets', 'assignments', 'maintenance'),
  licensed('transport', 'Transport', 'vehicles', 'drivers', 'trips'),
  licensed('shop', 'Shop', 'product_templates', 'design_images', 'canvas_configs', 'size_configs', 'mockups', 'orders'),
  feature('custom_roles', 'Custom roles'),
  feature('api_keys', 'API keys'),
  feature('sso', 'Single sign-on'),
  feature('audit_export', 'Audit export'),
  feature('own_schema', 'Own schema'),
  feature('own_database', 'Own database'),
]);

const byKey = new Map(MODULES.map((module) => [module.key, module]));

/** Module keys are compared without case: `CRM` is `crm`. */
export const findModule = (key: string): Module | undefined => byKey.get(key.toLowerCase());
export const isModule = (key: string): boolean => findModule(key) !== undefined;

/** The list itself, or an error that names the key which would make a permission code mean two things. */
export function checkModules(modules: readonly Module[]): readonly Module[] {
  const seen = new Set<string>();
  for (const { key, submodules } of modules) {
    if (PLATFORM_RESOURCES.has(key)) throw new Error(`module "${key}" has the name of a platform resource: rename it`);
    if (seen.has(key)) throw new Error(`module "${key}" is registered twice`);
    seen.add(key);
    for (const name of [key, ...submodules.map((each) => each.key)])
      if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))
        throw new Error(`"${name}" of module "${key}" is not lower snake_case`);
  }
  return modules;
}
