import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../support/schema-values-operations.js';
import { isWrite } from '../support/schema-values-operations.js';
import { type Actor, HOME, type MatrixWorld, NEIGHBOUR } from './matrix-world.js';

/** One for each column of the matrix. */
export type People = Readonly<
  Record<'admin' | 'root' | 'nobody' | 'owner' | 'unentitled' | 'suspended' | 'neighbour', Actor>
>;

const NOTICED_MS = 2_000;

export async function people(world: MatrixWorld): Promise<People> {
  const suspended = await world.signIn('admin@initech.com', 'initech');
  await world.app.database.sql(`update core.organizations set status = 'suspended' where tenant_code = 'initech'`);
  const all: People = {
    admin: await world.signIn('admin@testcorp.com', HOME),
    root: await world.root(HOME),
    nobody: await world.signIn('nobody@testcorp.com', HOME),
    owner: await world.signIn('owner@testcorp.com', HOME),
    unentitled: await world.signIn('admin@acme.com', 'acme'),
    // the platform passes entitlements: it can make a row of whatever kind there
    neighbour: await world.root(NEIGHBOUR),
    suspended,
  };
  for (const until = Date.now() + NOTICED_MS; Date.now() < until;) {
    await sleep(20);
    const { status } = await world.send(suspended, { method: 'GET', path: '/api/v1/auth/me' });
    if (status === 403) return all;
  }
  throw new Error('the suspension was not noticed');
}

/** Who should succeed with an operation. What ends sessions is done by somebody whom nobody else needs. */
export async function succeeding(world: MatrixWorld, operation: Operation, all: People): Promise<Actor> {
  switch (operation.access.kind) {
    case 'public':
      return world.anonymous;
    case 'platform':
      return all.root;
    case 'signed_in':
      return isWrite(operation) ? world.signIn('editor@testcorp.com', HOME) : all.admin;
    case 'permission':
      return all.admin;
  }
}

/** Tokens that a body asks for, good ones. */
export async function tokensFor({ app, api }: MatrixWorld, { body }: Operation): Promise<Record<string, unknown>> {
  const { properties = {} } = body === undefined ? {} : api.schemas.resolve(body);
  if (!('refresh_token' in properties)) return {};
  const credentials = { email: 'viewer@testcorp.com', password: 'password123' };
  const answer = (await app.anonymous.post('/auth/login', credentials)).body as { refresh_token: string };
  return { refresh_token: answer.refresh_token };
}
