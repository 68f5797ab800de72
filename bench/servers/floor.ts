import { randomUUIDv7 } from 'node:crypto';
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify';
import pg from 'pg';
import { isoTime } from '../../src/common/time.js';
import { answerParent, settings } from '../answer-parent.js';
import { UNNOTED } from '../requests.js';
import {
  CREATE,
  CREATE_UNNOTED,
  GET,
  LEAD,
  type LeadInput,
  type LeadRow,
  listOf,
  PAGE,
  rowValues,
} from './floor-leads.js';
import type { PlainSettings } from './questions.js';
import { usage } from './usage.js';

/**
 * The floor: bare Fastify and pg doing the product's SQL by prepared statements and writing the same JSON by a compiled
 * serializer. No token, no guard, no policy: whoever asks says for which organization.
 */
const { url } = settings as PlainSettings;

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text: string) => text);
const pool = new pg.Pool({ connectionString: url, max: 8, options: '-c timezone=UTC -c search_path=shared', types });

const server = fastify();
const organizationOf = ({ headers }: FastifyRequest): string => String(headers['x-organization']);
const ofRow = { schema: { response: { '2xx': LEAD } } };
const ofPage = { schema: { response: { '2xx': PAGE } } };

server.get<{ Querystring: { limit: string } }>('/api/v1/crm/leads', ofPage, async (request) => {
  const limit = Number(request.query.limit);
  const { rows } = await pool.query<LeadRow>({ ...listOf(limit), values: [organizationOf(request)] });
  const isMore = rows.length > limit;
  if (isMore) rows.length = limit;
  const last = isMore ? rows[limit - 1] : undefined;
  const items = rows.map(withTimes);
  return { items, next_cursor: last === undefined ? null : cursorOf(last), total: null };
});

server.get<{ Params: { id: string } }>('/api/v1/crm/leads/:id', ofRow, async (request, reply) => {
  const { rows } = await pool.query<LeadRow>({ ...GET, values: [organizationOf(request), request.params.id] });
  const [row] = rows;
  if (row === undefined) return reply.code(404).send();
  reply.header('etag', `"${String(row.version)}"`);
  return withTimes(row);
});

server.post<Create>('/api/v1/crm/leads', ofRow, async (request, reply) => {
  const context = [request.id, request.ip, request.headers['user-agent'] ?? null];
  const values = [...valuesOf(request), randomUUIDv7(), ...context];
  return created((await pool.query<LeadRow>({ ...CREATE, values })).rows, reply);
});

server.post<Create>(UNNOTED, ofRow, async (request, reply) => {
  const values = valuesOf(request);
  return created((await pool.query<LeadRow>({ ...CREATE_UNNOTED, values })).rows, reply);
});

interface Create {
  Body: LeadInput;
}
const valuesOf = (request: FastifyRequest<Create>): unknown[] =>
  rowValues(request.body, organizationOf(request), String(request.headers['x-user']), randomUUIDv7());

function created([row]: LeadRow[], reply: FastifyReply): LeadRow | FastifyReply {
  if (row === undefined) return reply.code(500).send();
  reply
    .code(201)
    .header('etag', `"${String(row.version)}"`)
    .header('location', `/api/v1/crm/leads/${row.id}`);
  return withTimes(row);
}

const withTimes = (row: LeadRow): LeadRow => {
  row.created_at = isoTime(row.created_at);
  row.updated_at = isoTime(row.updated_at);
  return row;
};
const cursorOf = ({ created_at, id }: LeadRow): string =>
  Buffer.from(JSON.stringify([created_at, id])).toString('base64url');

const address = await server.listen({ port: 0, host: '127.0.0.1' });
answerParent({ port: Number(new URL(address).port) }, usage);
