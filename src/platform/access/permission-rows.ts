import { MODULES, type Module } from './modules.js';
import { ACTIONS, PLATFORM_RESOURCES, moduleOfResource, type Action } from './resources.js';

/** A row of `core.permissions` as the registry gives it; a `custom_…` one is made by hand in the same shape. */
export interface PermissionRow {
  readonly code: string;
  /** for people: "Read leads (CRM)" */
  readonly name: string;
  /** as in `@RequireAccess`: `user`, `crm`, `crm.leads` */
  readonly resource: string;
  readonly action: Action;
  readonly module: string | null;
  readonly submodule: string | null;
}

/** What can be said of a module as a whole: `*` is all actions, `admin` its settings as well. */
export type ModuleAction = Action | '*' | 'admin';

/** What a code means. */
export type Permission =
  | { readonly form: 'resource'; readonly resource: string; readonly action: Action }
  | { readonly form: 'module'; readonly module: string; readonly action: ModuleAction }
  | { readonly form: 'submodule'; readonly module: string; readonly submodule: string; readonly action: Action }
  | { readonly form: 'custom'; readonly name: string };

export interface GeneratedPermission {
  readonly row: PermissionRow;
  readonly permission: Permission;
}

/** The permissions of every platform resource, submodule and module, in the order of the registry. */
export function* permissionsOfRegistry(): Generator<GeneratedPermission> {
  for (const resource of PLATFORM_RESOURCES.keys()) for (const action of ACTIONS) yield ofResource(resource, action);
  for (const module of MODULES) {
    for (const { key, name } of module.submodules)
      for (const action of ACTIONS) yield ofSubmodule(module, key, name, action);
    for (const action of [...ACTIONS, '*', 'admin'] as const) yield ofModule(module, action);
  }
}

const ofResource = (resource: string, action: Action): GeneratedPermission => ({
  permission: { form: 'resource', resource, action },
  row: {
    code: `${resource}_${action}`,
    name: `${TITLES[action]} ${resource.replaceAll('_', ' ')}`,
    resource,
    action,
    module: moduleOfResource(resource, action) ?? null,
    submodule: null,
  },
});

const ofSubmodule = (module: Module, key: string, name: string, action: Action): GeneratedPermission => ({
  permission: { form: 'submodule', module: module.key, submodule: key, action },
  row: {
    code: `${module.key}_${key}_${action}`,
    name: `${TITLES[action]} ${name.toLowerCase()} (${module.name})`,
    resource: `${module.key}.${key}`,
    action,
    module: module.key,
    submodule: key,
  },
});

const ofModule = ({ key, name }: Module, action: ModuleAction): GeneratedPermission => ({
  permission: { form: 'module', module: key, action },
  row: {
    code: action === 'admin' ? `${key}_admin` : `${key}.${action}`,
    name: `${TITLES[action]} ${name}`,
    resource: key,
    // the column knows five actions; `*` and `admin` are told by the code
    action: action === '*' || action === 'admin' ? 'manage' : action,
    module: key,
    submodule: null,
  },
});

const TITLES: Record<ModuleAction, string> = {
  create: 'Create',
  read: 'Read',
  update: 'Update',
  delete: 'Delete',
  manage: 'Manage',
  '*': 'Everything in',
  admin: 'Administer',
};
