import { RequestMethod } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { AppModule } from './app.module.js';
import type { Config } from './config/index.js';
import { assertEveryRouteDeclaresAccess, Refusals } from './platform/access/index.js';
import { assertWalls, type OpenDatabase, pendingMigrations, Pools } from './platform/database/index.js';
import { collectDocument, compileAnswers, httpAdapter, installHttp, publishedDocument } from './platform/http/index.js';
import { createLog, installRequestLog, Metrics, NestLogger } from './platform/observability/index.js';
import { openScopes, scopeOf } from './platform/tenancy/index.js';

/** Outside of /api/v1. */
const AT_ROOT = ['health/live', 'health/ready', 'metrics'].map((path) => ({ path, method: RequestMethod.GET }));

const documents = new WeakMap<NestFastifyApplication, OpenAPIObject>();

/** The application whole, initialized and not yet listening: the same for main.ts, the command line and the tests. */
export async function createApp(config: Config, database: OpenDatabase): Promise<NestFastifyApplication> {
  const log = await createLog(config);
  const app = await NestFactory.create<NestFastifyApplication>(
    await AppModule.forRoot(config, database),
    httpAdapter(config),
    {
      logger: new NestLogger(log.logger),
      bodyParser: false,
      abortOnError: false,
    },
  );
  try {
    app.setGlobalPrefix('api/v1', { exclude: AT_ROOT });
    const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
    const refusals = app.get(Refusals);
    installHttp(app, config, (problem, request) => {
      refusals.note(problem, request, scopeOf(request));
    });
    openScopes(fastify);
    installRequestLog(fastify, log, app.get(Metrics), (request) => {
      const scope = scopeOf(request);
      return { tenant: scope?.placement?.organizationId, user: scope?.actor.id };
    });
    describe(app, fastify, config);
    await assertSound(app, config);
    await app.init();
    await fastify.ready();
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The published OpenAPI document of an application. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const document = documents.get(app);
  if (document === undefined) throw new Error('this application was not made by createApp');
  return document;
}

/** The document is collected before the routes are registered: their serializers are made from it. */
function describe(app: NestFastifyApplication, fastify: FastifyInstance, config: Config): void {
  const collected = collectDocument(app, config);
  compileAnswers(fastify, collected);
  const document = publishedDocument(collected);
  documents.set(app, document);
  SwaggerModule.setup('docs', app, document, {
    raw: ['json'],
    jsonDocumentUrl: 'docs-json',
    customSiteTitle: config.projectName,
  });
}

/** What would let a tenant see another, or a route stand open, stops the start with what to do about it. */
async function assertSound(app: NestFastifyApplication, config: Config): Promise<void> {
  assertEveryRouteDeclaresAccess(app);
  const pools = app.get(Pools);
  const pending = await pendingMigrations(pools, config.sharedSchema);
  if (pending.length > 0)
    throw new Error(`migrations are pending (${pending.join(', ')}): run "tenantry migrate" first`);
  await assertWalls(pools);
}
