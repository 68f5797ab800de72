import type { Operation } from '../support/schema-values-operations.js';
import { isWrite } from '../support/schema-values-operations.js';
import { recipeOf } from './matrix-recipes.js';
import { isOfPlatform, type Maker } from './matrix-rows.js';
import { type Actor, EVERY_TENANT, HOME, type MatrixWorld, NEIGHBOUR, SUSPENDED, UNENTITLED } from './matrix-world.js';

/** One for each column of the matrix. */
export type People = Readonly<
  Record<'admin' | 'root' | 'platform' | 'nobody' | 'owner' | 'unentitled' | 'suspended' | 'neighbour', Actor>
>;
/** Whose rows operations are about. */
export type Makers = Readonly<Record<'home' | 'owner' | 'neighbour', Maker>>;

export async function people(world: MatrixWorld): Promise<People> {
  const { credentials } = await world.signIn('superadmin@example.com', undefined);
  // a platform user acts in a tenant by naming it, and passes entitlements: he can make a row of whatever kind there
  const root = (tenant: string): Actor => ({ credentials: { ...credentials, 'x-tenant': tenant }, tenant });
  const all: People = {
    admin: await world.signIn('admin@testcorp.com', HOME),
    root: root(HOME),
    platform: { credentials, tenant: EVERY_TENANT },
    nobody: await world.signIn('nobody@testcorp.com', HOME),
    owner: await world.signIn('owner@testcorp.com', HOME),
    unentitled: await world.signIn('admin@acme.com', UNENTITLED),
    neighbour: root(NEIGHBOUR),
    suspended: await world.signIn('admin@initech.com', SUSPENDED),
  };
  await world.suspend(all.suspended);
  return all;
}

export const makers = (world: MatrixWorld, { admin, owner, neighbour, platform }: People): Makers => ({
  home: world.maker('home', admin, platform, world.home),
  owner: world.maker('owner', owner, platform, world.home),
  neighbour: world.maker('neighbour', neighbour, platform, world.neighbour),
});

/** Who may do it: somebody who gets as far as the body and the row. */
export function permitted(world: MatrixWorld, operation: Operation, all: People): Actor {
  if (operation.access.kind === 'public') return world.anonymous;
  if (!isOfPlatform(operation)) return all.admin;
  return operation.access.tenant === 'required' ? all.root : all.platform;
}

/** Who should succeed with an operation. What ends sessions is done by somebody whom nobody else needs. */
export async function succeeding(world: MatrixWorld, operation: Operation, all: People): Promise<Actor> {
  const { kind } = operation.access;
  const isExpendable =
    recipeOf(operation).who === 'expendable' ||
    (kind === 'signed_in' && isWrite(operation) && !isOfPlatform(operation));
  return isExpendable ? world.signIn('editor@testcorp.com', HOME) : permitted(world, operation, all);
}

/** Tokens that a body asks for, good ones. */
export async function tokensFor({ app, rows }: MatrixWorld, { body }: Operation): Promise<Record<string, unknown>> {
  if (!('refresh_token' in rows.shapeOf(body).properties)) return {};
  const credentials = { email: 'viewer@testcorp.com', password: 'password123' };
  const answer = (await app.anonymous.post('/auth/login', credentials)).body as { refresh_token: string };
  return { refresh_token: answer.refresh_token };
}
