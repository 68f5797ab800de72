import type { FactoryProvider } from '@nestjs/common';
import { EntityManager } from '@mikro-orm/postgresql';
import { Orms } from './orms.js';
import { currentPlacement, currentScope } from './scope.js';

/** Token of core's EntityManager for the scope's tenant. The tenant plane's is injected as `EntityManager` itself. */
export const CORE_EM = Symbol('the EntityManager of core');

/**
 * Hands each call to the running scope's own EntityManager. Not MikroORM's global one with a context: there getKysely,
 * getConnection, createQueryBuilder and getDriver went to the main database.
 */
const delegate = (resolve: () => EntityManager): EntityManager =>
  new Proxy<EntityManager>(EntityManager.prototype as EntityManager, {
    get(target, key) {
      // Nest probes every provider for its own hooks
      if (key === 'constructor') return EntityManager as unknown;
      if (typeof key === 'symbol' || !(key in target)) return undefined;
      const em = resolve();
      const member: unknown = Reflect.get(em, key);
      return typeof member === 'function' ? (member.bind(em) as unknown) : member;
    },
  });

export const entityManagers: FactoryProvider[] = [
  {
    provide: EntityManager,
    inject: [Orms],
    useFactory: (orms: Orms) =>
      delegate(() => {
        const scope = currentScope();
        return (scope.tenantEm ??= orms.tenant(currentPlacement(), scope));
      }),
  },
  {
    provide: CORE_EM,
    inject: [Orms],
    useFactory: (orms: Orms) =>
      delegate(() => {
        const scope = currentScope();
        return (scope.coreEm ??= orms.core(currentPlacement().organizationId, scope));
      }),
  },
];
