import { ApiExtension } from '@nestjs/swagger';
import {
  accessTo,
  describeAccess,
  platformOnly,
  signedIn,
  type Access,
  type AccessOptions,
  type RequiredAccess,
} from './access.js';
import type { Action } from './resources.js';

const declared = new WeakMap<object, Access>();

/** What the handler was declared to need; undefined for one that was not. */
export const accessOf = (handler: object): Access | undefined => declared.get(handler);

/**
 * The handler needs this permission, and its tenant the module behind it: `('crm.leads', 'read')`, `('user', 'create')`,
 * `('crm', 'manage')`.
 * @throws Error for a pair that the registry does not know, when the class is loaded
 */
export const RequireAccess = (resource: string, action: Action, options?: AccessOptions): MethodDecorator =>
  declare(accessTo(resource, action, options));

/** The handler needs what `accessTo` gave. */
export const Require = (access: RequiredAccess): MethodDecorator => declare(access);

/** The handler needs a permission of the product's own: `custom_…`. */
export const RequireCustomAccess = (code: `custom_${string}`, options?: AccessOptions): MethodDecorator =>
  declare(accessTo(code, undefined, options));

/** For any signed-in user, about himself. */
export const SignedIn = (options?: AccessOptions): MethodDecorator => declare(signedIn(options));

/** For the people who run the platform. */
export const PlatformOnly = (options?: AccessOptions): MethodDecorator => declare(platformOnly(options));

/** For everybody, without signing in. */
export const Public = (): MethodDecorator => declare({ kind: 'public' });

/** One declaration for the guard and for the OpenAPI document, as `x-required-access`. */
function declare(access: Access): MethodDecorator {
  const document = ApiExtension('x-required-access', describeAccess(access));
  return (target, key, descriptor) => {
    const handler: unknown = descriptor.value;
    if (typeof handler !== 'function') throw new Error(`${String(key)} is no method: access is declared on handlers`);
    if (declared.has(handler)) throw new Error(`${String(key)} declares its access twice`);
    declared.set(handler, access);
    document(target, key, descriptor);
  };
}
