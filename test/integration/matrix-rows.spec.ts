import { beforeEach, describe, expect, it } from '@jest/globals';
import { collectionAt, collectionOf, apiOfDocument, type RawDocument } from '../support/schema-values-operations.js';
import type { Schema } from '../support/schema-values.js';
import type { Received, Sent } from '../support/oracles-exchange.js';
import { type Maker, ROW_OF_NOBODY, Rows } from '../e2e/matrix-rows.js';

const id = (name: string) => ({
  name,
  in: 'path' as const,
  required: true,
  schema: { type: 'string', format: 'uuid' },
});
const uuid = { type: 'string', format: 'uuid' };
const answers = (status: string) => ({ [status]: {} });
const permission = { kind: 'permission' as const, tenant: 'required' as const, any_of: ['board_create'] };
const bodyOf = (schema: Schema) => ({ content: { 'application/json': { schema } } });
const object = (properties: Readonly<Record<string, Schema>>, ...required: string[]) => ({
  type: 'object',
  properties,
  required,
});

/** What routes of a control plane look like, in small. */
const DOCUMENT: RawDocument = {
  components: { schemas: {} },
  paths: {
    '/api/v1/boards': {
      post: {
        operationId: 'boards_create',
        'x-required-access': permission,
        requestBody: bodyOf(
          object(
            { board_code: { type: 'string', maxLength: 50 }, parent_id: { type: ['string', 'null'], format: 'uuid' } },
            'board_code',
            'parent_id',
          ),
        ),
        responses: answers('201'),
      },
    },
    '/api/v1/boards/{board_id}/posts': {
      post: {
        operationId: 'posts_create',
        'x-required-access': permission,
        parameters: [id('board_id')],
        requestBody: bodyOf(object({ title: { type: 'string' } }, 'title')),
        responses: answers('201'),
      },
    },
    '/api/v1/posts/{post_id}/comments': {
      post: {
        operationId: 'comments_create',
        'x-required-access': permission,
        parameters: [id('post_id')],
        requestBody: bodyOf(object({ content: { type: 'string' } }, 'content')),
        responses: answers('201'),
      },
    },
    '/api/v1/posts/{post_id}/comments/{comment_id}': {
      delete: {
        operationId: 'comments_delete',
        'x-required-access': permission,
        parameters: [id('post_id'), id('comment_id')],
        responses: answers('204'),
      },
    },
    '/api/v1/posts/{post_id}/comments/{comment_id}/restore': {
      post: {
        operationId: 'comments_restore',
        'x-required-access': permission,
        parameters: [id('post_id'), id('comment_id')],
        responses: answers('200'),
      },
    },
    '/api/v1/users': {
      post: {
        operationId: 'users_create',
        'x-required-access': permission,
        requestBody: {
          content: {
            'application/json': {
              schema: object(
                {
                  username: { type: 'string' },
                  email: { type: 'string', format: 'email' },
                  password: { type: 'string' },
                  reports_to_id: uuid,
                },
                'username',
                'email',
              ),
              examples: {
                one: { value: { username: 'ada', email: 'ada@x.example', password: 'secure_password_123' } },
              },
            },
          },
        },
        responses: answers('201'),
      },
    },
    '/api/v1/roles': {
      post: {
        operationId: 'roles_create',
        'x-required-access': permission,
        requestBody: bodyOf(object({ role_code: { type: 'string' } }, 'role_code')),
        responses: answers('201'),
      },
    },
    '/api/v1/users/{user_id}/roles': {
      post: {
        operationId: 'user_roles_create',
        'x-required-access': permission,
        parameters: [id('user_id')],
        requestBody: bodyOf(object({ role_id: uuid }, 'role_id')),
        responses: answers('201'),
      },
    },
    '/api/v1/users/{user_id}/roles/{role_id}': {
      delete: {
        operationId: 'user_roles_delete',
        'x-required-access': permission,
        parameters: [id('user_id'), id('role_id')],
        responses: answers('204'),
      },
    },
    '/api/v1/tenants': {
      post: {
        operationId: 'tenants_create',
        'x-required-access': { kind: 'platform', tenant: 'optional' },
        requestBody: bodyOf(object({ tenant_code: { type: 'string' } }, 'tenant_code')),
        responses: answers('201'),
      },
    },
    '/api/v1/tenants/{tenant_id}/suspend': {
      post: {
        operationId: 'tenants_suspend',
        'x-required-access': { kind: 'platform', tenant: 'path' },
        parameters: [id('tenant_id')],
        responses: answers('200'),
      },
    },
    '/api/v1/tenants/{tenant_id}/users': {
      get: {
        operationId: 'tenants_users',
        'x-required-access': { kind: 'permission', tenant: 'path', any_of: ['user_read'] },
        parameters: [id('tenant_id')],
        responses: answers('200'),
      },
    },
    '/api/v1/menus': {
      post: {
        operationId: 'menus_create',
        'x-required-access': permission,
        requestBody: bodyOf(object({ menu_code: { type: 'string' } }, 'menu_code')),
        responses: answers('201'),
      },
    },
    '/api/v1/menus/reorder': {
      post: {
        operationId: 'menus_reorder',
        'x-required-access': permission,
        requestBody: bodyOf(
          object(
            {
              items: {
                type: 'array',
                items: object(
                  {
                    id: uuid,
                    parent_id: { type: ['string', 'null'], format: 'uuid' },
                    display_order: { type: 'integer' },
                  },
                  'id',
                  'parent_id',
                  'display_order',
                ),
              },
            },
            'items',
          ),
        ),
        responses: answers('200'),
      },
    },
    '/api/v1/menus/{menu_id}': {
      patch: {
        operationId: 'menus_update',
        'x-required-access': permission,
        parameters: [id('menu_id')],
        requestBody: bodyOf(
          object({ menu_code: { type: 'string', pattern: '^[a-z]+$' }, menu_name: { type: 'string' } }),
        ),
        responses: answers('200'),
      },
    },
  },
};

describe('rows for the matrix', () => {
  const api = apiOfDocument(DOCUMENT);
  const tenant = (code: string) => ({ id: `tenant-${code}`, code, adminId: `admin-${code}` });
  let sent: (Sent & { readonly by: string })[];
  let rows: Rows;
  const maker = (code: string): Maker => {
    const answer =
      (by: string) =>
      (one: Sent): Promise<Received> => {
        sent.push({ ...one, by });
        const made = {
          id: `row-${String(sent.length)}`,
          ...(one.path.endsWith('/roles') && one.path.includes('users') ? (one.body as object) : {}),
        };
        return Promise.resolve({ status: 201, headers: {}, text: '', body: made, took: 1 });
      };
    return { name: code, tenant: tenant(code), send: answer(code), sendAsPlatform: answer('platform') };
  };
  const operation = (name: string) => {
    const found = api.operations.find((each) => each.id === name);
    if (found === undefined) throw new Error(name);
    return found;
  };
  const lines = () => sent.map(({ by, method, path }) => `${by}: ${method} ${path.replace('/api/v1', '')}`);
  beforeEach(() => {
    sent = [];
    rows = new Rows(api, tenant('b'));
  });

  it('finds the collection of each parameter', () => {
    const path = '/boards/{board_id}/posts/{post_id}/restore';
    expect([collectionAt(path, 'board_id'), collectionAt(path, 'post_id')]).toEqual([
      '/boards',
      '/boards/{board_id}/posts',
    ]);
    expect(
      [
        '/a/leads',
        '/a/leads.csv',
        '/a/leads/bulk',
        '/a/{x}/b',
        '/a/{x}',
        '/a/{x}/b/{y}',
        '/menus/reorder',
        '/a/{x}/b/{y}/restore',
      ].map((path) => collectionOf({ path })),
    ).toEqual(['/a/leads', '/a/leads', '/a/leads', '/a/{x}/b', '/a', '/a/{x}/b', '/menus', '/a/{x}/b']);
  });

  it('makes a row within rows that are made alike, also where they are made elsewhere', async () => {
    const known = await rows.known(operation('comments_delete'), maker('a'));
    expect(lines()).toEqual(['a: POST /boards', 'a: POST /boards/row-1/posts', 'a: POST /posts/row-2/comments']);
    expect(known.path).toEqual({ post_id: 'row-2', comment_id: 'row-3' });
    expect(rows.request(operation('comments_delete'), known)).toEqual({
      method: 'DELETE',
      path: '/api/v1/posts/row-2/comments/row-3',
    });
  });

  it('keeps rows that only have to be there, for each maker, and makes another one to change', async () => {
    const first = await rows.known(operation('comments_delete'), maker('a'));
    const again = await rows.known(operation('comments_delete'), maker('a'));
    const fresh = await rows.known(operation('comments_delete'), maker('a'), true);
    const foreign = await rows.known(operation('comments_delete'), maker('b'));
    expect(again.path).toEqual(first.path);
    expect(fresh.path['post_id']).toBe(first.path['post_id']);
    expect(fresh.path['comment_id']).not.toBe(first.path['comment_id']);
    expect(lines().filter((line) => line.startsWith('b: '))).toHaveLength(3);
    expect(Object.values(foreign.path).filter((each) => Object.values(first.path).includes(each))).toEqual([]);
  });

  it('deletes what is to be brought back', async () => {
    await rows.known(operation('comments_restore'), maker('a'));
    expect(lines().at(-1)).toBe('a: DELETE /posts/row-2/comments/row-3');
  });

  it('makes links by the rows that they name, and asks for them by the same id', async () => {
    const known = await rows.known(operation('user_roles_delete'), maker('a'));
    expect(lines()).toEqual(['a: POST /users', 'a: POST /roles', 'a: POST /users/row-1/roles']);
    expect(sent.at(-1)?.body).toEqual({ role_id: 'row-2' });
    expect(known.path).toEqual({ user_id: 'row-1', role_id: 'row-2' });
  });

  it('gives unique values to what has to be unique, leaves out what costs much, and fills no superior', async () => {
    await rows.reference('/users', maker('a'), true);
    await rows.reference('/users', maker('a'), true);
    const [one, other] = sent.map(({ body }) => body as Record<string, string>);
    expect(Object.keys(one ?? {}).sort()).toEqual(['email', 'username']);
    expect([one?.['username'] === other?.['username'], one?.['email'] === other?.['email']]).toEqual([false, false]);
    await rows.reference('/boards', maker('a'));
    expect(sent.at(-1)?.body).toEqual({ board_code: expect.stringMatching(/^matrix-/), parent_id: null });
  });

  it('takes the own tenant where one is in the path, and another one for what may end it', async () => {
    expect((await rows.known(operation('tenants_users'), maker('a'))).path).toEqual({ tenant_id: 'tenant-a' });
    expect((await rows.known(operation('tenants_suspend'), maker('a'))).path).toEqual({ tenant_id: 'tenant-a' });
    expect(lines()).toEqual([]);
    expect((await rows.known(operation('tenants_suspend'), maker('a'), true)).path).toEqual({ tenant_id: 'row-1' });
    expect(lines()).toEqual(['platform: POST /tenants']);
  });

  it('names rows in the items of a body, and changes something where nothing is required', async () => {
    const reorder = rows.request(operation('menus_reorder'), await rows.known(operation('menus_reorder'), maker('a')));
    expect(reorder.body).toEqual({ items: [{ id: 'row-1', parent_id: null, display_order: 1 }] });
    const update = rows.request(operation('menus_update'), await rows.known(operation('menus_update'), maker('a')));
    expect(update.body).toEqual({ menu_name: expect.stringMatching(/^sample \d+$/) });
  });

  it('finds what is another tenant’s by the name of a property', async () => {
    expect(await rows.foreign(operation('user_roles_create'), 'role_id', maker('b'))).toBe('row-1');
    expect(await rows.foreign(operation('menus_reorder'), 'parent_id', maker('b'))).toBe('row-2');
    expect(await rows.foreign(operation('menus_reorder'), 'owner_id', maker('b'))).toBe('admin-b');
    expect(await rows.foreign(operation('menus_reorder'), 'permission_id', maker('b'))).toBe(ROW_OF_NOBODY);
    expect(lines()).toEqual(['b: POST /roles', 'b: POST /menus']);
  });
});
