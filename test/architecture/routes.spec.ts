import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { RequestMethod, Type } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Access } from '../../src/platform/access/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { access, nest, openApiDocument } from '../support/dist.js';

/** Routes that are no part of the API which the document describes. */
const OPERATIONS = ['GET /health/live', 'GET /health/ready', 'GET /metrics'];

describe('the routes of the running application', () => {
  let app: TestApp;
  let served: string[];
  let declared: Map<string, Access | undefined>;
  beforeAll(async () => {
    app = await startApp();
    served = servedRoutes(app.app.getHttpAdapter().getInstance());
    declared = declaredRoutes(app);
  });
  afterAll(() => app.close());

  it('ask of their callers what was reviewed: a changed line is a security review', () => {
    const inventory = [...declared].map(([route, asked]) => `${route}  ${described(asked)}`);
    expect(`\n${inventory.sort(byPath).join('\n')}\n`).toMatchSnapshot();
  });

  it('are those of the controllers and the documentation’s, and no other', () => {
    const others = served.filter((route) => !declared.has(route));
    expect(others.filter((route) => !/^GET \/docs(-json|-yaml|\/.*)?$/.test(route))).toEqual([]);
    expect([...declared.keys()].filter((route) => !served.includes(route))).toEqual([]);
  });

  it('are in the OpenAPI document, each with the same access, and it has no other', () => {
    const documented = new Map<string, unknown>();
    for (const [path, item] of Object.entries(openApiDocument(app.app).paths))
      for (const [method, operation] of Object.entries(item as Record<string, Record<string, unknown>>))
        documented.set(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`, operation['x-required-access']);
    const api = [...declared].filter(([route]) => !OPERATIONS.includes(route));
    expect(new Map(api.map(([route, asked]) => [route, asked && access.describeAccess(asked)]))).toEqual(documented);
  });

  it('have the parameter tenant_id where the path names the tenant', () => {
    const byPath = [...declared].filter(([, asked]) => asked?.kind !== 'public' && asked?.tenant === 'path');
    expect(byPath.map(([route]) => route).filter((route) => !/\/:tenant_id(\/|$)/.test(route))).toEqual([]);
  });

  it('stand below /api/v1, but for those of operations', () => {
    const outside = [...declared.keys()].filter((route) => !/^[A-Z]+ \/api\/v1\//.test(route));
    expect(outside.sort()).toEqual(OPERATIONS);
  });
});

/** What the controllers of the application declare: `GET /api/v1/crm/leads` with what it asks. */
function declaredRoutes({ app }: TestApp): Map<string, Access | undefined> {
  const routes = new Map<string, Access | undefined>();
  const reflector = new nest.Reflector();
  for (const { metatype, instance } of new nest.DiscoveryService(app.get(nest.ModulesContainer)).getControllers()) {
    if (typeof metatype !== 'function') continue;
    const prototype = Object.getPrototypeOf(instance) as Record<string, object>;
    for (const name of new nest.MetadataScanner().getAllMethodNames(prototype)) {
      const handler = prototype[name];
      const method = handler && reflector.get<RequestMethod | undefined>(METHOD_METADATA, handler as Type);
      if (handler === undefined || method === undefined) continue;
      const path = [metatype, handler].flatMap((each) =>
        (reflector.get<string | undefined>(PATH_METADATA, each as Type) ?? '').split('/'),
      );
      const below = `/${path.filter(Boolean).join('/')}`;
      const isOperation = OPERATIONS.includes(`GET ${below}`);
      routes.set(`${nest.RequestMethod[method]} ${isOperation ? '' : '/api/v1'}${below}`, access.accessOf(handler));
    }
  }
  return routes;
}

type PrintRoutes = (options: { commonPrefix: boolean }) => string;

/** What Fastify really serves, out of the tree that it prints: each line adds to the path of the line that it hangs on. */
function servedRoutes(fastify: { printRoutes: PrintRoutes }): string[] {
  const routes = new Set<string>();
  const paths: string[] = [];
  for (const line of fastify.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', path = '', methods = ''] = /^((?:[│ ] {3})*)[├└]── (.*) \((.*)\)$/.exec(line) ?? [];
    if (path === '') continue;
    const depth = indent.length / 4;
    paths.splice(depth, Infinity, path);
    // HEAD comes with each GET
    for (const method of methods.split(', '))
      if (method !== 'HEAD') routes.add(`${method} ${paths.join('').replace('//', '/')}`);
  }
  return [...routes];
}

const NOTES = { required: '', optional: '  no tenant needed', path: '  tenant by path' } as const;

function described(asked: Access | undefined): string {
  if (asked === undefined) return 'NOTHING';
  if (asked.kind === 'public') return 'public';
  const { kind, tenant, session } = asked;
  const notes = `${NOTES[tenant]}${session ? '  no API key' : ''}`;
  if (kind !== 'permission') return `${kind}${notes}`;
  const own = asked.own === null ? '' : `, of one's own ${asked.own.code}`;
  return `${kind} ${asked.code}${own}  module ${asked.module ?? '–'}${notes}`;
}

const byPath = (a: string, b: string): number => keyOf(a).localeCompare(keyOf(b), 'en');
const keyOf = (line: string): string => line.replace(/^(\S+) (\S+).*$/, '$2 $1');
