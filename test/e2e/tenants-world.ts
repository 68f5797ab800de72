import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { auditOf } from '../support/oracles.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

export const NOBODY = '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11';
export const ZERO = '00000000-0000-0000-0000-000000000000';
/** Longer than a change takes to be heard of on every node, in milliseconds. */
const SOON = 4_000;
/** For two nodes to start, on a machine that is busy, in milliseconds. */
export const STARTS_MS = 120_000;

export interface Made {
  readonly id: string;
  readonly version: number;
  readonly row: { readonly tenant_code: string; readonly tenant_name: string; readonly admin_email: string };
}

/** The platform, a tenant with all there is, and a neighbour with less. */
export interface TenantsWorld {
  readonly app: TestApp;
  readonly testcorp: Tenant;
  readonly globex: Tenant;
  /** Of the platform, in no tenant. */
  readonly root: Client;
  readonly admin: Client;
  readonly stranger: Client;
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** A tenant of its own for a test; by default with a code that nobody has. */
  tenant(more?: object): Promise<Made>;
  /** The administrator of a tenant that was made here, active and signed in. */
  adminOf(tenant: Made): Promise<Client>;
  /** Sends with a request id of its own, by which the entries that it left are found: `create core.roles`. */
  audited(send: (headers: Record<string, string>) => Promise<Answer>): Promise<{ answer: Answer; entries: string[] }>;
  close(): Promise<void>;
}

let number = 0;
export const freshCode = (): string => `made-${String(++number)}`;
export const bodyOf = (more: object = {}): { tenant_code: string; admin_email: string } => {
  const code = freshCode();
  return { tenant_code: code, ...{ tenant_name: `Tenant ${code}` }, admin_email: `admin@${code}.example`, ...more };
};

export async function tenantsWorld(environment: Record<string, string> = {}): Promise<TenantsWorld> {
  const app = await startApp(undefined, environment);
  const { database, signIn } = app;
  const root = await signIn('superadmin@example.com');
  return {
    app,
    root,
    testcorp: await tenantOf(database, 'testcorp'),
    globex: await tenantOf(database, 'globex'),
    admin: await signIn('admin@testcorp.com'),
    stranger: await signIn('admin@globex.com'),
    sql: (text, values) => database.sql(text, values),
    tenant: async (more) => madeBy(await root.post('/tenants', bodyOf(more))),
    adminOf: async ({ id, row }) => {
      await database.sql(
        `update core.users set status = 'active', hashed_password = (select u.hashed_password from core.users u
           where u.email = 'admin@testcorp.com') where organization_id = $1`,
        [id],
      );
      return signIn(row.admin_email);
    },
    audited: async (send) => {
      const id = `audit-${randomUUID()}`;
      const answer = await send({ 'x-request-id': id });
      const entries = await auditOf(database, id);
      return { answer, entries: entries.map(({ action, row }) => `${action} ${row.split(' ')[0] ?? ''}`).sort() };
    },
    close: () => app.close(),
  };
}

export function madeBy(answer: Answer): Made {
  if (answer.status !== 201) throw new Error(`${String(answer.status)} ${answer.text}`);
  const row = answer.body as Made['row'] & { id: string; version: number };
  return { id: row.id, version: row.version, row };
}

/** @param at the field of a 422 or 409; `fault` the code that stands there */
export function refused(answer: Answer, status: number, code: string, at?: string, fault?: string): void {
  expect({ status: answer.status, body: answer.body as unknown }).toMatchObject({ status, body: { code } });
  if (at === undefined) return;
  const wanted = fault === undefined ? { path: at } : { path: at, code: fault };
  expect((answer.body as { errors: unknown[] }).errors).toContainEqual(expect.objectContaining(wanted));
}

export const idsOf = ({ body }: Answer): string[] => (body as { items: { id: string }[] }).items.map(({ id }) => id);

/** What is answered in the end: a change is heard of within a moment. */
export async function eventually(status: number, send: () => Promise<Answer>): Promise<Answer> {
  let answer = await send();
  for (const until = Date.now() + SOON; answer.status !== status && Date.now() < until;) answer = await send();
  return answer;
}
