import { catalogue } from './dist.js';
import type { Canaries } from './oracles.js';
import type { Received, Sent } from './oracles-exchange.js';

/** No request may take longer, whatever it holds. */
const MAX_MS = 5_000;
/** Codes of 422 that speak of no field. */
const WITHOUT_FIELDS = new Set(['idempotency_key_reused', 'reason_required']);

/** What tells of the inside: SQL, names of tables and types, stacks, paths of files, words of the engine. */
const INSIDE = [
  /\b(select|insert into|delete from|update \S+ set|where|order by)\s/i,
  /\b(relation|constraint|syntax error|violates|duplicate key|sqlstate|invalid input|byte sequence|row-level security)\b/i,
  /\b(core|shared|tenancy|pg_catalog|information_schema)\.\w/i,
  // schemas and databases of tenants, and those of these tests
  /\btenant_\w+_[\da-f]{8}\b|\btest_[\da-f]{16}/i,
  /\b(crm_leads|manufacturing_orders|audit_log|idempotency_keys|user_roles|access_version|timestamptz|varchar|jsonb)\b/i,
  /\n\s+at |\bat \S+ \(|\.(js|ts):\d+/,
  /node_modules|\/dist\/|\/src\/|file:\/\/|\/(home|tmp|work|usr|var)\//,
  /\b\w*(Error|Exception)\b|Cannot read|is not a function|\[object |MikroORM|Kysely|Fastify|NestJS|postgres/i,
];

/** Everything that is wrong with an answer to somebody of `tenant` (undefined: to nobody), whatever was asked. */
export function faultsOfAnswer(sent: Sent, received: Received, canaries: Canaries, tenant?: string): string[] {
  const faults: string[] = [];
  const { status, took, text } = received;
  if (status === 0) faults.push('the connection was cut without an answer');
  if (status >= 500) faults.push(`answered ${String(status)}: ${text.slice(0, 300)}`);
  if (took > MAX_MS) faults.push(`took ${String(took)} ms`);
  for (const [code, canary] of canaries) if (code !== tenant && text.includes(canary)) faults.push(`shows ${code}`);
  if (status >= 400) faults.push(...faultsOfProblem(received));
  return faults.map((fault) => `${describeSent(sent)}: ${fault}`);
}

/** What is wrong with a refusal as such (api.md, "Errors"). */
function faultsOfProblem({ status, headers, body, text }: Received): string[] {
  if (!headers['content-type']?.startsWith('application/problem+json')) {
    // an answer to HEAD has a head alone
    return [`${String(status)} is no problem+json but ${String(headers['content-type'])}: ${text.slice(0, 200)}`];
  }
  if (text === '') return [];
  const faults: string[] = [];
  const { code, errors, request_id: requestId, required: _, instance: __, ...told } = body ?? {};
  if (!catalogue().some((known) => known.code === code && known.status === status))
    faults.push(`${String(status)} ${String(code)} is not in the catalogue`);
  if (body?.['status'] !== status) faults.push(`says ${String(body?.['status'])} in ${String(status)}`);
  if (headers['x-request-id'] !== requestId) faults.push('has another request id than its header');
  if (status === 422 && !WITHOUT_FIELDS.has(String(code)) && !(Array.isArray(errors) && errors.length > 0))
    faults.push(`names no field at fault: ${text.slice(0, 300)}`);
  // paths and keys are the caller's own words
  const own = (Array.isArray(errors) ? (errors as { code: string; message: string }[]) : []).map(
    (each) => each.message,
  );
  const words = JSON.stringify({ ...told, own });
  for (const pattern of INSIDE)
    if (pattern.test(words)) faults.push(`tells of the inside (${String(pattern)}): ${words}`);
  return faults;
}

/** A request in a line, to find it again. */
export function describeSent({ method, path, headers = {}, body }: Sent): string {
  const { authorization: _, ...shown } = headers;
  const told = Buffer.isBuffer(body)
    ? `<${String(body.length)} bytes>`
    : body === undefined
      ? ''
      : JSON.stringify(body);
  const cut = (text: string) => (text.length > 400 ? `${text.slice(0, 400)}… (${String(text.length)})` : text);
  return `${method} ${cut(path)} ${cut(JSON.stringify(shown))} ${cut(told)}`;
}
