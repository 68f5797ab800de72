import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { problemSchema, refusalsOf } from './refusals.js';
import { jsonSchema202012 } from './json-schema.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
/** An operation with what `@RequireAccess` and its kin wrote into it. */
export type DeclaredOperation = Operation & { 'x-required-access'?: { kind: string; tenant?: string } };

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Name and version of the product in force. */
export interface DocumentInfo {
  readonly projectName: string;
  readonly version: string;
}

/** The document as the decorators have it, in OpenAPI 3.0's schema words (`nullable`): what serializers are made from. */
export function collectDocument(app: INestApplication, { projectName, version }: DocumentInfo): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(projectName)
    .setVersion(version)
    .setDescription(
      'Tenants, access and business modules. Every operation names in `x-required-access` what it asks of its caller; ' +
        'refusals are `application/problem+json` (RFC 9457), listed in docs/problems.md.',
    )
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'access_token');
  return SwaggerModule.createDocument(app, builder.build(), { autoTagControllers: false });
}

/** The document as it is published: every operation with its security and refusals, schemas in the words of 3.1. */
export function publishedDocument(collected: OpenAPIObject): OpenAPIObject {
  const document = structuredClone(collected);
  const tags = new Set<string>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method] as DeclaredOperation | undefined;
      if (operation === undefined) continue;
      const tag = tagOf(path);
      tags.add(tag);
      completeOperation(operation, path, method, tag);
    }
  }
  document.tags = [...tags].sort().map((name) => ({ name, description: `Operations of ${name}` }));
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema },
  };
  return jsonSchema202012(document) as OpenAPIObject;
}

function completeOperation(operation: DeclaredOperation, path: string, method: string, tag: string): void {
  const access = operation['x-required-access'] ?? { kind: 'public' };
  operation['x-required-access'] = access;
  operation.tags = [tag];
  operation.security = access.kind === 'public' ? [] : [{ access_token: [] }];
  operation.responses = { ...refusalsOf(access.kind, path, method, operation), ...operation.responses };
}

/** `/api/v1/crm/leads/{lead_id}` is of `crm`, `/health/live` of `health`. */
const tagOf = (path: string): string => path.replace(/^\/api\/v1/, '').split(/[/.]/)[1] ?? 'root';
