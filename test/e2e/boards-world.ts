import { expect } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import type { TestDatabase } from '../support/database.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

export const NOBODY = '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11';

/** A tenant with people of every kind, and a neighbour. */
export interface BoardsWorld {
  readonly app: TestApp;
  readonly mine: Tenant;
  readonly theirs: Tenant;
  /** Where the tenant's rows are. */
  readonly at: Pick<TestDatabase, 'sql'>;
  /** Everything in the tenant. */
  readonly admin: Client;
  /** Creates and updates boards, categories and posts; deletes and manages nothing. */
  readonly editor: Client;
  /** Base rights: board_read and post_create. */
  readonly manager: Client;
  readonly executive: Client;
  /** Reads alone. */
  readonly viewer: Client;
  /** The administrator of the neighbour. */
  readonly stranger: Client;
  idOf(username: string): Promise<string>;
  /** A group of the tenant with these members, by username. */
  group(code: string, ...usernames: string[]): Promise<string>;
  /** What the audit log has of a row, the oldest first. */
  entriesOf(resource: string, id: string): Promise<string[]>;
  board(input?: object): Promise<Made>;
  close(): Promise<void>;
}
export interface Made {
  readonly id: string;
  readonly path: string;
  readonly etag: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a row has the shape that its test is about
  readonly row: any;
}

/** Posts, and gives what was made. */
export async function made(client: Client, path: string, body: object): Promise<Made> {
  const answer = await client.post(path, body);
  expect({ status: answer.status, text: answer.text }).toEqual({ status: 201, text: answer.text });
  const row = answer.body as { id: string };
  return { id: row.id, path: `${path}/${row.id}`, etag: answer.headers.get('etag') ?? '', row };
}

/** That what is at a path is not there for somebody, whatever he tries. */
export async function notThere(client: Client, at: string, change: object): Promise<void> {
  for (const answer of [
    await client.get(at),
    await client.patch(at, change),
    await client.delete(at),
    await client.delete(`${at}?hard=true`),
    await client.post(`${at}/restore`),
  ])
    expect([at, answer.status]).toEqual([at, 404]);
}

/** The ids of a list. */
export const idsOf = ({ body }: Answer): string[] => (body as { items: { id: string }[] }).items.map(({ id }) => id);

let number = 0;

export async function boardsWorld(): Promise<BoardsWorld> {
  const app = await startApp();
  const { database, signIn } = app;
  const [mine, theirs] = await Promise.all([tenantOf(database, 'testcorp'), tenantOf(database, 'globex')]);
  const people = ['admin', 'editor', 'manager', 'executive', 'viewer'].map((name) => signIn(`${name}@testcorp.com`));
  const [admin, editor, manager, executive, viewer] = await Promise.all(people);
  if (!admin || !editor || !manager || !executive || !viewer) throw new Error('somebody is missing');
  const idOf = async (username: string): Promise<string> => {
    const [row] = await database.sql<{ id: string }>(
      'select id from core.users where organization_id = $1 and username = $2',
      [mine.id, username],
    );
    return row?.id ?? '';
  };
  return {
    ...{ app, mine, theirs, at: database.at(mine.id), admin, editor, manager, executive, viewer, idOf },
    stranger: await signIn('admin@globex.com'),
    group: async (code, ...usernames) => {
      const [row] = await database.sql<{ id: string }>(
        `insert into core.user_groups (id, organization_id, group_code, group_name) values (uuidv7(), $1, $2, $2) returning id`,
        [mine.id, code],
      );
      const id = row?.id ?? '';
      await database.sql(
        `insert into core.user_group_members (id, organization_id, group_id, user_id)
         select uuidv7(), $1, $2, u.id from core.users u where u.organization_id = $1 and u.username = any ($3)`,
        [mine.id, id, usernames],
      );
      return id;
    },
    entriesOf: async (resource, id) => {
      const rows = await database.everywhere<{ action: string }>(
        'select action from audit_log where organization_id = $1 and resource = $2 and resource_id = $3 order by at, id',
        [mine.id, resource, id],
      );
      return rows.map(({ action }) => action);
    },
    board: (input = {}) =>
      made(admin, '/boards', { board_code: `board_${String((number += 1))}`, board_name: 'A board', ...input }),
    close: () => app.close(),
  };
}
