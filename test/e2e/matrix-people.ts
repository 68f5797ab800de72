import { PASSWORD } from '../support/client.js';
import { mailsTo, tokenIn } from '../support/mail.js';
import type { Operation } from '../support/schema-values-operations.js';
import { isWrite } from '../support/schema-values-operations.js';
import { BASE, keyOf, recipeOf } from './matrix-recipes.js';
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
  const { who } = recipeOf(operation);
  if (who?.includes('@') === true) return world.signIn(who, HOME);
  const isExpendable = who === 'expendable' || (kind === 'signed_in' && isWrite(operation) && !isOfPlatform(operation));
  return isExpendable ? world.signIn('editor@testcorp.com', HOME) : permitted(world, operation, all);
}

type Beforehand = (world: MatrixWorld, admin: Actor) => Promise<Record<string, unknown>>;

/** The token of the next mail to an address, which `ask` has sent. */
async function mailed({ app }: MatrixWorld, email: string, ask: () => Promise<unknown>): Promise<{ token: string }> {
  const before = (await mailsTo(app.app, email)).length;
  await ask();
  const mail = (await mailsTo(app.app, email, before + 1))[before];
  if (mail === undefined) throw new Error(`nothing was mailed to ${email}`);
  return { token: tokenIn(mail) };
}

async function unverify({ app }: MatrixWorld, email: string): Promise<void> {
  await app.database.sql('update core.users set is_email_verified = false where email = $1', [email]);
}

/** What has to happen before a success, by method and path, and what the body then has to say. */
const BEFOREHAND: Readonly<Record<string, Beforehand>> = {
  'POST /auth/refresh': async ({ app }) => {
    const answer = await app.anonymous.post('/auth/login', { email: 'viewer@testcorp.com', password: PASSWORD });
    return { refresh_token: (answer.body as { refresh_token: string }).refresh_token };
  },
  'POST /auth/password/change': () => Promise.resolve({ current_password: PASSWORD }),
  'POST /auth/password/reset': (world) => {
    const email = 'executive@testcorp.com';
    return mailed(world, email, () => world.app.anonymous.post('/auth/password/forgot', { email }));
  },
  'POST /auth/email/resend': async (world) => {
    await unverify(world, 'editor@testcorp.com');
    return {};
  },
  'POST /auth/email/verify': async (world) => {
    const email = 'editor@testcorp.com';
    await unverify(world, email);
    const editor = await world.app.signIn(email);
    return mailed(world, email, () => editor.post('/auth/email/resend', undefined));
  },
  // the platform says so outright, where no name server is asked
  'POST /tenants/{tenant_id}/domain/verify': () => Promise.resolve({ confirm: true }),
  'POST /auth/invitations/accept': async (world, admin) => {
    const body = { email: 'accepting@testcorp.com', role_codes: ['viewer'] };
    const invite = () => world.send(admin, { method: 'POST', path: `${BASE}/invitations`, body });
    return { ...(await mailed(world, body.email, invite)), password: 'secure_password_123' };
  },
};

export const beforehand = async (world: MatrixWorld, operation: Operation, admin: Actor) =>
  (await BEFOREHAND[keyOf(operation)]?.(world, admin)) ?? {};
