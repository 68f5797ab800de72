import { expect } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { auditOf } from '../support/oracles.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

export const PASSWORD = 'secure_password_123';

export interface UserAnswer {
  id: string;
  username: string;
  email: string;
  status: string;
  version: number;
  reports_to_id: string | null;
  role_codes: string[];
  [field: string]: unknown;
}
export type Who = 'admin' | 'manager' | 'executive' | 'editor' | 'viewer';

/** Two tenants with their people, and the few things that tests of users do over and over. */
export class UsersWorld {
  private made = 0;

  private constructor(
    readonly app: TestApp,
    readonly home: Tenant,
    readonly other: Tenant,
    readonly clients: Readonly<Record<Who | 'stranger' | 'root', Client>>,
    readonly ids: Readonly<Record<Who | 'stranger' | 'root', string>>,
  ) {}

  static async start(): Promise<UsersWorld> {
    const app = await startApp();
    const [home, other] = [await tenantOf(app.database, 'testcorp'), await tenantOf(app.database, 'globex')];
    const root = await app.signIn('superadmin@example.com');
    const clients = {
      admin: await app.signIn('admin@testcorp.com'),
      manager: await app.signIn('manager@testcorp.com'),
      executive: await app.signIn('executive@testcorp.com'),
      editor: await app.signIn('editor@testcorp.com'),
      viewer: await app.signIn('viewer@testcorp.com'),
      stranger: await app.signIn('admin@globex.com'),
      root: root.with({ 'x-tenant': 'testcorp' }),
    };
    const ids = {} as Record<keyof typeof clients, string>;
    for (const name of Object.keys(clients) as (keyof typeof clients)[])
      ids[name] = ((await clients[name].get('/auth/me')).body as { user: { id: string } }).user.id;
    return new UsersWorld(app, home, other, clients, ids);
  }

  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]> {
    return this.app.database.sql<Row>(text, values);
  }

  /** A name that nobody has yet. */
  name(): string {
    return `person${String(++this.made)}`;
  }

  /** A new user of testcorp with the password that all of these have. */
  async user(over: Record<string, unknown> = {}, by: Client = this.clients.admin): Promise<UserAnswer> {
    const username = this.name();
    const answer = await by.post('/users', { username, email: `${username}@x.example`, password: PASSWORD, ...over });
    if (answer.status !== 201) throw new Error(`${String(answer.status)} ${answer.text}`);
    return answer.body as UserAnswer;
  }

  signIn(user: { email: string }): Promise<Client> {
    return this.app.anonymous.signIn(user.email, PASSWORD);
  }

  async roleId(code: string): Promise<string> {
    const [role] = await this.sql<{ id: string }>(
      'select id from core.roles where role_code = $1 and organization_id is null',
      [code],
    );
    return role?.id ?? '';
  }

  /** A role of a tenant's own with these permissions. */
  async ownRole(
    code: string,
    { priority = 20, scope = 'all', permissions = [] as string[], tenant = this.home } = {},
  ): Promise<string> {
    const [role] = await this.sql<{ id: string }>(
      `insert into core.roles (id, organization_id, role_code, role_name, priority, record_scope)
       values (uuidv7(), $1, $2, $2, $3, $4) returning id`,
      [tenant.id, code, priority, scope],
    );
    await this.sql(
      `insert into core.role_permissions (id, organization_id, role_scope_id, role_id, permission_id)
       select uuidv7(), $1, $1, $2, p.id from core.permissions p where p.permission_code = any($3)`,
      [tenant.id, role?.id, permissions],
    );
    return role?.id ?? '';
  }

  /** Somebody of globex who is a guest of testcorp too. */
  async guest(roleCode?: string): Promise<UserAnswer> {
    const guest = await this.user({}, this.clients.stranger);
    await this.sql('insert into core.user_tenant_associations (organization_id, user_id) values ($1, $2)', [
      this.home.id,
      guest.id,
    ]);
    if (roleCode !== undefined) await this.hold(guest.id, roleCode);
    return guest;
  }

  /** Gives a built-in role by plain SQL. */
  async hold(userId: string, roleCode: string): Promise<void> {
    await this.sql(
      `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
       select uuidv7(), $1, $2, r.scope_id, r.id from core.roles r where r.role_code = $3 and r.organization_id is null`,
      [this.home.id, userId, roleCode],
    );
  }

  stored(table: string, userId: string): Promise<Record<string, unknown>[]> {
    return this.sql(`select * from core.${table} where ${table === 'users' ? 'id' : 'user_id'} = $1`, [userId]);
  }

  /** The call, and what it left in the audit log: `update core.users <id>`. */
  async audited(
    call: (headers: Record<string, string>) => Promise<Answer>,
  ): Promise<{ answer: Answer; entries: string[] }> {
    const id = `users-${String(++this.made)}`;
    const answer = await call({ 'x-request-id': id });
    const entries = await auditOf(this.app.database, id);
    return { answer, entries: entries.map(({ action, row }) => `${action} ${row}`).sort() };
  }

  /** Snapshots are dropped by a notification, a moment after the commit. */
  async until(client: Client, path: string, status: number): Promise<void> {
    for (const end = Date.now() + 2_000; Date.now() < end;) if ((await client.get(path)).status === status) return;
    throw new Error(`${path} was never answered ${String(status)}`);
  }

  refused(answer: Answer, status: number, code: string, path?: string, fault?: string): void {
    expect(answer).toMatchObject({ status, body: { code } });
    if (path !== undefined)
      expect(answer.body).toMatchObject({ errors: [{ path, ...(fault === undefined ? {} : { code: fault }) }] });
  }
}
