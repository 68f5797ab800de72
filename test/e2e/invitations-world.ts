import { expect } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { mailsTo, tokenIn } from '../support/mail.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

export const NEW_PASSWORD = 'secure_password_123';
export const INVALID_TOKEN = { status: 422, body: { errors: [{ path: 'token', code: 'invalid' }] } };

export interface InvitationAnswer {
  id: string;
  email: string;
  status: string;
  [field: string]: unknown;
}
interface Membership {
  organization_id: string;
  is_guest: boolean;
  reports_to_id: string | null;
}
type Who = 'admin' | 'manager' | 'executive' | 'viewer' | 'stranger' | 'root';

/** testcorp with its people, a stranger of globex, and what tests of invitations do over and over. */
export class InvitationsWorld {
  private made = 0;

  private constructor(
    readonly app: TestApp,
    readonly home: Tenant,
    readonly clients: Readonly<Record<Who, Client>>,
    readonly ids: Readonly<Record<Who, string>>,
  ) {}

  static async start(): Promise<InvitationsWorld> {
    const app = await startApp();
    const root = await app.signIn('superadmin@example.com');
    const clients = {
      admin: await app.signIn('admin@testcorp.com'),
      manager: await app.signIn('manager@testcorp.com'),
      executive: await app.signIn('executive@testcorp.com'),
      viewer: await app.signIn('viewer@testcorp.com'),
      stranger: await app.signIn('admin@globex.com'),
      root: root.with({ 'x-tenant': 'testcorp' }),
    };
    const ids = {} as Record<Who, string>;
    for (const name of Object.keys(clients) as Who[])
      ids[name] = ((await clients[name].get('/auth/me')).body as { user: { id: string } }).user.id;
    return new InvitationsWorld(app, await tenantOf(app.database, 'testcorp'), clients, ids);
  }

  sql<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.app.database.sql<Row>(text, values);
  }

  /** An address that nobody has yet. */
  address(): string {
    return `Invited${String(++this.made)}@x.example`;
  }

  post(body: object, by: Client = this.clients.admin): Promise<Answer> {
    return by.post('/invitations', { role_codes: ['viewer'], ...body });
  }

  async invite(body: object = {}, by: Client = this.clients.admin): Promise<InvitationAnswer> {
    const answer = await this.post({ email: this.address(), ...body }, by);
    if (answer.status !== 201) throw new Error(`${String(answer.status)} ${answer.text}`);
    return answer.body as InvitationAnswer;
  }

  /** The token of the nth mail to an address. */
  async token(email: string, nth = 1): Promise<string> {
    const mail = (await mailsTo(this.app.app, email, nth))[nth - 1];
    if (mail === undefined) throw new Error(`there are fewer than ${String(nth)} mails to ${email}`);
    return tokenIn(mail);
  }

  accept(body: object, by: Client = this.app.anonymous): Promise<Answer> {
    return by.post('/auth/invitations/accept', body);
  }

  async accepted(token: string, body: object = { password: NEW_PASSWORD }, by?: Client): Promise<SessionAnswer> {
    const answer = await this.accept({ token, ...body }, by);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    return answer.body as SessionAnswer;
  }

  bearing({ access_token }: SessionAnswer): Client {
    return this.app.anonymous.with({ authorization: `Bearer ${access_token}` });
  }

  /** A user of testcorp who has no password yet. */
  async waiting(body: object = {}): Promise<{ id: string; email: string }> {
    const email = this.address();
    const answer = await this.clients.admin.post('/users', { username: email, email, role_codes: ['viewer'], ...body });
    if (answer.status !== 201) throw new Error(`${String(answer.status)} ${answer.text}`);
    return answer.body as { id: string; email: string };
  }

  /** The audit entries of a row, the oldest first. */
  audit(id: string): Promise<{ action: string; actor_id: string | null; changes: Record<string, unknown> }[]> {
    return this.sql(
      `select action, actor_id, changes from core.audit_log where resource_id = $1 and organization_id = $2 order by at, id`,
      [id, this.home.id],
    );
  }

  users(email: string): Promise<Record<string, unknown>[]> {
    return this.sql(`select * from core.users where lower(email) = lower($1)`, [email]);
  }

  memberships(userId: string): Promise<Membership[]> {
    return this.sql(
      `select organization_id, is_guest, reports_to_id from core.user_tenant_associations where user_id = $1`,
      [userId],
    );
  }

  async list(query = '', by: Client = this.clients.admin): Promise<InvitationAnswer[]> {
    const answer = await by.get(`/invitations?limit=500&${query}`);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    return (answer.body as { items: InvitationAnswer[] }).items;
  }

  async invitation(id: string): Promise<InvitationAnswer | undefined> {
    const { body } = await this.clients.admin.get(`/invitations?id=${id}`);
    return (body as { items: InvitationAnswer[] }).items[0];
  }
}

export interface SessionAnswer {
  access_token: string;
  refresh_token: string;
  user: { id: string; email: string; role_codes: string[]; [field: string]: unknown };
}
