import { findModule } from './modules.js';
import { moduleNumber } from './module-set.js';
import { bitOf, findBit } from './permission-set.js';
import { codeOf, isCustomPermission, metBy } from './permission.js';
import { ACTIONS, moduleOfResource, type Action } from './resources.js';

/**
 * How a platform user names his tenant (api.md, "Who"). `required`: by X-Tenant or `tenant_id` in what he posts.
 * `optional`: by X-Tenant, or he comes without one (`/auth`, `/plans`). `path`: by the parameter `tenant_id` of the path,
 * which for a tenant's user must be his own tenant (`/tenants/:tenant_id/…`).
 */
export type TenantNeed = 'required' | 'optional' | 'path';

/** What a route asks besides its permission. */
export interface AccessOptions {
  readonly tenant?: TenantNeed;
  /** Only for a person who signed in: an API key is refused. */
  readonly session?: boolean;
  /**
   * The action on the same resource whose permission does for what is the caller's own: one's own posts are changed by
   * everyone with post_create. The guard lets either in; whose it is, the service asks.
   */
  readonly own?: Action;
}

interface Asked {
  readonly tenant: TenantNeed;
  readonly session: boolean;
}

/** What a route needs, as declared once on its handler. */
export type Access = { readonly kind: 'public' } | ProtectedAccess;
export type ProtectedAccess = SignedInAccess | PlatformAccess | RequiredAccess;
export interface SignedInAccess extends Asked {
  readonly kind: 'signed_in';
}
export interface PlatformAccess extends Asked {
  readonly kind: 'platform';
}

/** A permission, and the module that it is about. */
export interface RequiredAccess extends Asked {
  readonly kind: 'permission';
  /** `user`, `crm`, `crm.leads`, or the whole code of a custom permission */
  readonly resource: string;
  /** null for a custom permission, whose code says it all */
  readonly action: Action | null;
  readonly code: string;
  readonly bit: number;
  /** The permission that does for what is one's own; null where there is none. */
  readonly own: { readonly code: string; readonly bit: number } | null;
  /** The module that layer 2 asks for; null for a custom permission, which belongs to none. */
  readonly module: string | null;
  /** by `moduleNumber`; -1 for none */
  readonly moduleNumber: number;
}

/**
 * What an action on a resource needs: what `@RequireAccess` declares, and a service asks with.
 * @throws Error for a pair that the registry does not know, while the class that declares it is loaded
 */
export function accessTo(resource: string, action?: Action, options: AccessOptions = {}): RequiredAccess {
  return compile(resource, action, options, bitOf);
}

function compile(
  resource: string,
  action: Action | undefined,
  options: AccessOptions,
  numberOf: (code: string) => number,
): RequiredAccess {
  const custom = action === undefined && isCustomPermission(resource);
  const code = custom ? resource : action && codeOf(resource, action);
  if (code === undefined)
    throw new Error(
      `there is no permission for (${resource}, ${action ?? ''}): name a resource of platform/access/resources.ts, ` +
        'a module or module.submodule of platform/access/modules.ts with one of its actions, or a custom_… code',
    );
  const module = custom || action === undefined ? null : moduleOf(resource, action);
  const ownCode = options.own && codeOf(resource, options.own);
  return {
    kind: 'permission',
    ...asked(options),
    resource,
    action: action ?? null,
    code,
    bit: numberOf(code),
    own: ownCode === undefined ? null : { code: ownCode, bit: numberOf(ownCode) },
    module,
    moduleNumber: module === null ? -1 : (moduleNumber(module) ?? -1),
  };
}

/**
 * The access that a text like `crm.leads:read` or `custom_export` names; undefined when it names none. A custom code is
 * known once somebody who holds it was loaded: whoever asks about a person loads him first.
 */
export function parseAccess(text: string): RequiredAccess | undefined {
  const [resource = '', action, ...more] = text.toLowerCase().split(':');
  if (more.length > 0) return undefined;
  if (action === undefined) return isCustomPermission(resource) ? compile(resource, undefined, {}, findBit) : undefined;
  const known = ACTIONS.find((each) => each === action);
  return known !== undefined && codeOf(resource, known) !== undefined ? accessTo(resource, known) : undefined;
}

export const signedIn = (options: AccessOptions = {}): SignedInAccess => ({ kind: 'signed_in', ...asked(options) });
/** What the platform's people do is mostly about no tenant. */
export const platformOnly = (options: AccessOptions = {}): PlatformAccess => ({
  kind: 'platform',
  ...asked({ tenant: 'optional', ...options }),
});

/** `x-required-access` in the OpenAPI document. */
export type AccessDescription = { kind: 'public' } | ProtectedDescription;
interface ProtectedDescription {
  kind: ProtectedAccess['kind'];
  /** whether a platform user must name a tenant, and where */
  tenant: TenantNeed;
  /** an API key is refused */
  session_only: boolean;
  /** the module that the tenant must be entitled to; only for a permission */
  module?: string | null;
  /** permissions of which any one does; only for a permission */
  any_of?: readonly string[];
  /** those of them that do for what is the caller's own alone; only where there are such */
  own_only?: readonly string[];
}

export function describeAccess(access: Access): AccessDescription {
  if (access.kind === 'public') return { kind: 'public' };
  const { kind, tenant, session } = access;
  const description = { kind, tenant, session_only: session };
  if (kind !== 'permission') return description;
  const all = metBy(access.code);
  if (access.own === null) return { ...description, module: access.module, any_of: all };
  const own = metBy(access.own.code).filter((code) => !all.includes(code));
  return { ...description, module: access.module, any_of: [...all, ...own], own_only: own };
}

const asked = ({ tenant = 'required', session = false }: AccessOptions): Asked => ({ tenant, session });

/** A module's own resources stand behind it, a platform resource behind the module of the table in access.md. */
function moduleOf(resource: string, action: Action): string | null {
  const platform = moduleOfResource(resource, action);
  if (platform !== undefined) return platform;
  return findModule(resource.split('.', 1)[0] ?? '')?.key ?? null;
}
