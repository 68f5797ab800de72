import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { giveExamples } from './examples.js';
import { jsonSchema202012 } from './json-schema.js';
import { operationsOf, type PlacedOperation } from './operations.js';
import { exampleOfStatus, PROBLEM, problemSchema, refusalsOf } from './refusals.js';

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

/** The document as it is published: every operation with its security, refusals and examples, schemas in the words of 3.1. */
export function publishedDocument(collected: OpenAPIObject): OpenAPIObject {
  const document = structuredClone(collected);
  const operations = operationsOf(document);
  operations.forEach(complete);
  const tags = new Set(operations.map(({ path }) => tagOf(path)));
  document.tags = [...tags].sort().map((name) => ({ name, description: `Operations of ${name}` }));
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema },
  };
  const published = jsonSchema202012(document) as OpenAPIObject;
  giveExamples(published);
  return published;
}

function complete({ path, method, operation }: PlacedOperation): void {
  const access = operation['x-required-access'] ?? { kind: 'public' };
  const { parameters = [], requestBody, responses } = operation;
  const refusable = { path, method, access, hasParameters: parameters.length > 0, hasBody: requestBody !== undefined };
  const declared = Object.entries(responses as Record<string, Answer>).map(
    ([status, answer]) => [status, refusalWhole(status, answer)] as const,
  );
  Object.assign(operation, {
    'x-required-access': access,
    tags: [tagOf(path)],
    security: access.kind === 'public' ? [] : [{ access_token: [] }],
    parameters: access.kind === 'public' ? parameters : [...parameters, TENANT, REASON],
    responses: { ...refusalsOf(refusable), ...Object.fromEntries(declared) },
  });
}

interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema?: unknown; readonly example?: unknown }>>;
}

/** Read of platform users; for anybody else it may be left out, and names his own tenant or is refused. */
const TENANT = {
  name: 'X-Tenant',
  in: 'header',
  required: false,
  description: "The tenant, by its code or id: for platform users. Anybody else's is that of his token.",
  schema: { type: 'string', minLength: 1, maxLength: 50, example: 'testcorp' },
};

/** Of platform users: it stands in the audit entries that they leave. */
const REASON = {
  name: 'X-Reason',
  in: 'header',
  required: false,
  description: "Why a platform user acts in a tenant, for its audit log; a tenant's settings can demand it.",
  schema: { type: 'string', minLength: 1, maxLength: 255, example: 'Ticket 4711' },
};

/** A refusal that a handler declares by itself: its media type without the charset, and an example where it brings none. */
function refusalWhole(status: string, answer: Answer): Answer {
  const [problem] = Object.entries(answer.content ?? {}).filter(([mediaType]) => mediaType.split(';')[0] === PROBLEM);
  if (problem === undefined) return answer;
  const [, { schema, example = exampleOfStatus(status) }] = problem;
  return { ...answer, content: { [PROBLEM]: { schema, ...(example === undefined ? {} : { example }) } } };
}

/** `/api/v1/crm/leads/{lead_id}` is of `crm`, `/health/live` of `health`. */
const tagOf = (path: string): string => path.replace(/^\/api\/v1/, '').split(/[/.]/)[1] ?? 'root';
