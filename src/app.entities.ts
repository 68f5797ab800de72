import { existsSync } from 'node:fs';
import type { Type } from '@nestjs/common';
import type { EntityClass } from '@mikro-orm/postgresql';
import { Export } from './modules/archives/index.js';
import { OneTimeToken, Session } from './modules/auth/index.js';
import { Board, BoardCategory, BoardGroup, Comment, Post } from './modules/boards/index.js';
import { UserGroup, UserGroupMember } from './modules/groups/index.js';
import { Menu, MenuGroup } from './modules/menus/index.js';
import { Permission, Role, RolePermission } from './modules/rbac/index.js';
import { ModuleTrial, Plan, Subscription } from './modules/subscriptions/index.js';
import { User, UserModule, UserPermission, UserRole, UserTenantAssociation } from './modules/users/index.js';
import { MODULES } from './platform/access/index.js';
import { Location, LocationStep, Move, Organization, Tombstone } from './platform/tenancy/index.js';

/** The tables of core, all of which stand once. */
export const coreEntities: EntityClass[] = [
  Location,
  LocationStep,
  Organization,
  User,
  UserTenantAssociation,
  Role,
  Permission,
  RolePermission,
  UserRole,
  UserPermission,
  UserModule,
  UserGroup,
  UserGroupMember,
  Menu,
  MenuGroup,
  Plan,
  Subscription,
  ModuleTrial,
  Session,
  OneTimeToken,
  Tombstone,
  Move,
  Export,
];

/** What `src/business/<module>/index.ts` exports: its Nest module by default, and its entity classes. */
interface BusinessFeature {
  readonly default: Type;
  readonly entities: readonly EntityClass[];
}

/**
 * The business modules that have code, found by the registry's keys: one more touches its own folder and its line in the
 * registry alone. Compiled or not: tests run on the sources.
 */
async function businessFeatures(): Promise<BusinessFeature[]> {
  const written = MODULES.filter(({ key }) =>
    ['js', 'ts'].some((extension) => existsSync(new URL(`./business/${key}/index.${extension}`, import.meta.url))),
  );
  return Promise.all(written.map(({ key }) => import(`./business/${key}/index.js`) as Promise<BusinessFeature>));
}

export const businessModules = async (): Promise<Type[]> =>
  (await businessFeatures()).map((feature) => feature.default);

/** The tables of the tenant plane, all of which stand once in every location. */
export const tenantEntities = async (): Promise<EntityClass[]> => [
  ...[Board, BoardGroup, BoardCategory, Post, Comment],
  ...(await businessFeatures()).flatMap(({ entities }) => [...entities]),
];
