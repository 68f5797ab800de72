import { expect } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { tenantsWorld, type TenantsWorld } from './tenants-world.js';

const OWN_PASSWORD = 'secure_password_123';

export interface Role {
  readonly id: string;
  readonly role_code: string;
  readonly version: number;
}

/** Two nodes, and roles of testcorp. */
export interface RolesWorld extends TenantsWorld {
  /** The platform in testcorp. */
  readonly inTestcorp: Client;
  /** The ids of the built-in roles. */
  readonly builtIn: ReadonlyMap<string, string>;
  /** The id of a generated permission. */
  permission(code: string): string;
  stored(id: string): Promise<Record<string, unknown>[]>;
  /** The codes that a role gives. */
  given(id: string): Promise<string[]>;
  create(more?: object, client?: Client): Promise<Role>;
  /** A role with these permissions, and somebody who holds it and nothing else. */
  holder(priority: number, ...codes: string[]): Promise<{ role: Role; client: Client }>;
  /** The same caller at the other node. */
  there(client: Client): Client;
}

let number = 0;

export async function rolesWorld(): Promise<RolesWorld> {
  const world = await tenantsWorld();
  const { admin, app, sql } = world;
  const second = await startApp(app.database);
  const byCode = async (text: string) =>
    new Map((await sql<{ code: string; id: string }>(text)).map(({ code, id }) => [code, id]));
  const permissions = await byCode('select permission_code as code, id from core.permissions');
  const permission = (code: string): string => permissions.get(code) ?? '';
  const create = async (more: object = {}, client: Client = admin): Promise<Role> => {
    const answer = await client.post('/roles', { role_code: `role_${String(++number)}`, role_name: 'A role', ...more });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body as Role;
  };
  return {
    ...world,
    inTestcorp: world.root.with({ 'x-tenant': 'testcorp' }),
    builtIn: await byCode('select role_code as code, id from core.roles where organization_id is null'),
    permission,
    create,
    stored: (id) => sql('select * from core.roles where id = $1', [id]),
    given: async (id) =>
      (
        await sql<{ code: string }>(
          `select p.permission_code as code from core.role_permissions rp join core.permissions p on p.id = rp.permission_id
           where rp.role_id = $1 order by 1`,
          [id],
        )
      ).map(({ code }) => code),
    holder: async (priority, ...codes) => {
      const role = await create({ priority });
      for (const code of codes) await admin.post(`/roles/${role.id}/permissions`, { permission_id: permission(code) });
      const email = `holder-${String(++number)}@testcorp.com`;
      const body = { username: email, email, password: OWN_PASSWORD, role_codes: [role.role_code] };
      expect(await admin.post('/users', body)).toMatchObject({ status: 201 });
      return { role, client: await app.anonymous.signIn(email, OWN_PASSWORD) };
    },
    there: ({ headers }) => second.anonymous.with({ ...headers }),
    close: async () => {
      await second.close();
      await world.close();
    },
  };
}

export const requires = (answer: Answer, required: string): void =>
  expect(answer).toMatchObject({ status: 403, body: { code: 'permission_denied', required } });
