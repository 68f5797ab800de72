import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { openApiDocument } from '../support/dist.js';

const PROBLEM = 'application/problem+json';

interface Content {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: object;
}
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly 'x-required-access'?: { readonly kind: string };
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: object }[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Record<string, Content> };
  readonly responses: Record<string, { readonly description: string; readonly content?: Record<string, Content> }>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly securitySchemes: object; readonly schemas: object };
}

describe('the OpenAPI document', () => {
  let app: TestApp;
  let document: Document;
  let operations: [name: string, operation: Operation][];
  beforeAll(async () => {
    app = await startApp();
    const answer = await app.anonymous.get('//docs-json');
    expect(answer.status).toBe(200);
    document = answer.body as Document;
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );
  });
  afterAll(() => app.close());

  /** The operations for which it does not hold. */
  const but = (holds: (operation: Operation, name: string) => boolean): string[] =>
    operations.filter(([name, operation]) => !holds(operation, name)).map(([name]) => name);

  it('is OpenAPI 3.1 of this product, the same that the command line prints', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Tenantry', version: expect.stringMatching(/^\d+\./) },
    });
    expect(operations.length).toBeGreaterThan(20);
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument(app.app))));
    // words of 3.0, which 3.1 does not know
    expect(JSON.stringify(document)).not.toMatch(/"nullable":/);
  });

  it('calls every id in a path a UUID', () => {
    const isTold = ({ parameters = [] }: Operation) =>
      parameters
        .filter((each) => each.in === 'path' && each.name.endsWith('_id'))
        .every(({ schema }) => schema !== undefined && 'format' in schema && schema.format === 'uuid');
    expect(but(isTold)).toEqual([]);
  });

  it('gives every operation an id of its own, a summary and a tag that is described', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(but(({ operationId = '' }) => /^[a-z][A-Za-z_]+$/.test(operationId))).toEqual([]);
    expect(but(({ summary = '' }) => summary.length > 3 && summary.length <= 80 && !summary.endsWith('.'))).toEqual([]);
    const described = new Set(
      document.tags.filter(({ description = '' }) => description !== '').map(({ name }) => name),
    );
    expect(but(({ tags = [] }) => tags.length === 1 && described.has(tags[0] ?? ''))).toEqual([]);
  });

  it('says of every operation whom it is for, and what he signs in with', () => {
    expect(but((operation) => operation['x-required-access'] !== undefined)).toEqual([]);
    const schemes = Object.keys(document.components.securitySchemes);
    expect(
      but(({ security, 'x-required-access': access }) =>
        access?.kind === 'public'
          ? security?.length === 0
          : security?.some((each) => Object.keys(each).every((name) => schemes.includes(name))) === true,
      ),
    ).toEqual([]);
  });

  it('describes every success and every refusal, and shows what a refusal looks like', () => {
    expect(but(({ responses }) => Object.keys(responses).some((status) => status.startsWith('2')))).toEqual([]);
    expect(but(({ responses }) => Object.keys(responses).some((status) => status.startsWith('4')))).toEqual([]);
    expect(but(({ responses }) => Object.values(responses).every(({ description }) => description !== ''))).toEqual([]);
    const refusals = operations.flatMap(([name, { responses }]) =>
      Object.entries(responses).flatMap(([status, { content = {} }]) =>
        status >= '400' ? [{ at: `${name} ${status}`, types: Object.keys(content), ...content[PROBLEM] }] : [],
      ),
    );
    expect(refusals.filter(({ types }) => types.join() !== PROBLEM)).toEqual([]);
    expect(refusals.filter(({ example, examples }) => example === undefined && examples === undefined)).toEqual([]);
    const wrong = refusals.filter(
      ({ at, example }) => !at.endsWith(` ${String((example as { status: number }).status)}`),
    );
    expect(wrong).toEqual([]);
  });

  it('shows what is sent and what comes back', () => {
    const shown = ({ example, examples }: Content): boolean => example !== undefined || examples !== undefined;
    const bodies = operations.filter(([, { requestBody }]) => requestBody !== undefined);
    expect(bodies.length).toBeGreaterThan(5);
    expect(but(({ requestBody }) => Object.values(requestBody?.content ?? {}).every(shown))).toEqual([]);
    expect(
      but(({ responses }) =>
        Object.entries(responses).every(
          ([status, { content = {} }]) =>
            !status.startsWith('2') || content['application/json'] === undefined || shown(content['application/json']),
        ),
      ),
    ).toEqual([]);
    const lead = document.paths['/api/v1/crm/leads']?.['post']?.requestBody?.content['application/json']?.example;
    expect(lead).toMatchObject({ name: expect.any(String), email: expect.stringContaining('@') });
  });

  it('shows nothing in an example that the API itself would refuse', async () => {
    const admin = await app.signIn('admin@testcorp.com');
    for (const path of ['/crm/leads', '/manufacturing/orders']) {
      const { post } = document.paths[`/api/v1${path}`] ?? {};
      const made = await admin.post(path, post?.requestBody?.content['application/json']?.example);
      expect(made).toMatchObject({ status: 201 });
    }
  });

  it('names the header by which platform users choose a tenant, wherever one is signed in', () => {
    const asks = (operation: Operation): boolean =>
      (operation.parameters ?? []).some(({ name, in: place }) => name === 'X-Tenant' && place === 'header');
    expect(but((operation) => asks(operation) === (operation['x-required-access']?.kind !== 'public'))).toEqual([]);
  });

  it('is shown as a page, whose scripts are served too', async () => {
    const { status, headers, text } = await app.anonymous.get('//docs');
    expect({ status, type: headers.get('content-type') }).toEqual({
      status: 200,
      type: expect.stringContaining('text/html'),
    });
    const scripts = [...text.matchAll(/<script src="\.\/([^"]+)"/g)].map(([, source = '']) => source);
    expect(scripts.length).toBeGreaterThan(1);
    for (const script of scripts) {
      const answer = await app.anonymous.get(`//${script}`);
      expect({ script, status: answer.status }).toEqual({ script, status: 200 });
      expect(answer.headers.get('content-type')).toContain('javascript');
    }
  });
});
