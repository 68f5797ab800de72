/** Create, read, update and delete; `manage` is all of them with hard delete and restore. */
export const ACTIONS = ['create', 'read', 'update', 'delete', 'manage'] as const;
export type Action = (typeof ACTIONS)[number];

/** What the platform itself keeps, and the module that layer 2 asks for when it is used. */
export const PLATFORM_RESOURCES: ReadonlyMap<string, string> = new Map([
  ['tenant', 'organization'],
  ['user', 'admin'],
  ['role', 'admin'],
  ['permission', 'admin'],
  ['group', 'admin'],
  ['menu', 'settings'],
  ['board', 'boards'],
  ['category', 'boards'],
  ['post', 'boards'],
  ['document', 'documents'],
  ['subscription', 'organization'],
  ['api_key', 'api_keys'],
  ['audit', 'admin'],
]);

/** Making and changing roles is a feature of its own; reading, giving and taking them is administration. */
const MAKES_ROLES: ReadonlySet<Action> = new Set(['create', 'update', 'delete']);

/** The module that stands behind an action on a platform resource; undefined when it is none. */
export function moduleOfResource(resource: string, action: Action): string | undefined {
  if (resource === 'role' && MAKES_ROLES.has(action)) return 'custom_roles';
  return PLATFORM_RESOURCES.get(resource);
}
