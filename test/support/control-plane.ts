import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from './app.js';
import type { Answer, Client } from './client.js';
import { auditOf } from './oracles.js';
import { type Tenant, tenantOf } from './tenants.js';

const PEOPLE = ['admin', 'manager', 'executive', 'editor', 'viewer'] as const;
/** The people of testcorp, the admin of another tenant, and a platform user who acts in testcorp. */
type Caller = (typeof PEOPLE)[number] | 'stranger' | 'platform';

/** Milliseconds in which it starts on a machine that has other work: seven passwords are hashed. */
export const START_MS = 120_000;

/** A running application with people signed in. Its methods and objects can be taken out of it before it has started. */
export class ControlPlane {
  private started: TestApp | undefined;
  readonly clients = {} as Record<Caller, Client>;
  /** testcorp, and acme */
  readonly tenant = {} as Tenant;
  readonly other = {} as Tenant;
  private readonly users = new Map<string, string>();

  get app(): TestApp {
    if (this.started === undefined) throw new Error('it has not started');
    return this.started;
  }

  readonly start = async (): Promise<void> => {
    const app = (this.started = await startApp());
    for (const name of PEOPLE) this.clients[name] = await app.signIn(`${name}@testcorp.com`);
    this.clients.stranger = await app.signIn('admin@acme.com');
    this.clients.platform = (await app.signIn('superadmin@example.com')).with({ 'x-tenant': 'testcorp' });
    Object.assign(this.tenant, await tenantOf(app.database, 'testcorp'));
    Object.assign(this.other, await tenantOf(app.database, 'acme'));
    const rows = await this.sql<{ id: string; username: string }>(
      'select id, username from core.users where organization_id = $1',
      [this.tenant.id],
    );
    for (const { id, username } of rows) this.users.set(username, id);
  };
  readonly stop = (): Promise<void> => this.app.close();

  readonly sql = <Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]> =>
    this.app.database.sql<Row>(text, values);

  /** The id of somebody of testcorp. */
  readonly user = (name: string): string => this.users.get(name) ?? '';

  /** Makes a row of a collection. */
  readonly made = async <Row extends { id: string }>(
    path: string,
    body: object,
    client = this.clients.admin,
  ): Promise<Row> => {
    const answer = await client.post(path, body);
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body as Row;
  };

  /** Sends with a request id of its own, by which the audit entries that it left are found: `create core.menus`. */
  readonly audited = async (send: (headers: Record<string, string>) => Promise<Answer>) => {
    const id = `audit-${randomUUID()}`;
    const answer = await send({ 'x-request-id': id });
    const entries = await auditOf(this.app.database, id);
    return { answer, entries: entries.map(({ action, row }) => `${action} ${row.split(' ')[0] ?? ''}`).sort() };
  };

  /** A demo user with one permission more, granted past all calls. */
  readonly withPermission = async (name: string, code: string): Promise<Client> => {
    await this.sql(
      `insert into core.user_permissions (id, organization_id, user_id, permission_id)
       select gen_random_uuid(), $1, $2, id from core.permissions where permission_code = $3 on conflict do nothing`,
      [this.tenant.id, this.user(name), code],
    );
    return this.app.signIn(`${name}@testcorp.com`);
  };
}

/** That an answer is this problem, with such a fault at that path. */
export function refused(answer: Answer, status: number, code: string, path?: string, fault?: string): void {
  expect({ status: answer.status, body: answer.body as unknown }).toMatchObject({ status, body: { code } });
  if (path === undefined) return;
  const { errors } = answer.body as { errors: unknown[] };
  expect(errors).toContainEqual(expect.objectContaining({ path, ...(fault === undefined ? {} : { code: fault }) }));
}
