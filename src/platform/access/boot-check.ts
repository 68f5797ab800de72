import { type INestApplicationContext, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { accessOf } from './decorators.js';

/**
 * Refuses an application with a route that does not say who may call it.
 * @throws Error that names each such handler and its route, and what to add
 */
export function assertEveryRouteDeclaresAccess(app: INestApplicationContext): void {
  const controllers = new DiscoveryService(app.get(ModulesContainer)).getControllers();
  const open = controllers.flatMap(({ metatype }) => (isClass(metatype) ? undeclared(metatype) : []));
  if (open.length === 0) return;
  throw new Error(
    [
      'These routes do not declare who may call them:',
      ...open.map((route) => `  ${route}`),
      "Put @RequireAccess('resource', 'action'), @SignedIn(), @PlatformOnly() or @Public() on each handler (platform/access).",
    ].join('\n'),
  );
}

function undeclared(controller: Type): string[] {
  const prototype: unknown = controller.prototype;
  if (typeof prototype !== 'object' || prototype === null) return [];
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler: unknown = Reflect.get(prototype, name);
    if (typeof handler !== 'function') return [];
    const method: unknown = Reflect.getMetadata(METHOD_METADATA, handler);
    if (typeof method !== 'number' || accessOf(handler) !== undefined) return [];
    return [`${controller.name}.${name} (${String(RequestMethod[method])} ${pathOf(controller, handler)})`];
  });
}

function pathOf(controller: Type, handler: object): string {
  const parts = [controller, handler].map((each) => String(Reflect.getMetadata(PATH_METADATA, each) ?? ''));
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}

const isClass = (value: unknown): value is Type => typeof value === 'function' && value.prototype !== undefined;
