import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '../../../common/ids.js';
import type { Page } from '../../../common/pagination.js';
import { etagOf, noneMatchHolds, pathOf } from '../../http/index.js';
import type { Resource } from '../definition/resource.js';
import type { BusinessRow } from '../dto/business.dto.js';
import { type Answer, Idempotency, keeping } from '../idempotency/idempotency.js';
import { keyOf } from '../idempotency/idempotency-key.js';
import { fault, queryOf, readQuery, unknownParameter } from '../reading/query-string.js';
import { ResourceReader } from '../reading/resource-reader.js';
import { withTimes } from '../reading/rows.js';
import { BulkWriter } from '../writing/bulk-writer.js';
import { checkCreate, checkUpdate, inputOf } from '../writing/input.js';
import { versionsOf } from '../writing/precondition.js';
import { ResourceWriter } from '../writing/resource-writer.js';

/** The answers of a resource's routes: what `ResourceController` hands its requests to. */
@Injectable()
export class Resources {
  constructor(
    private readonly reader: ResourceReader,
    private readonly writer: ResourceWriter,
    private readonly bulkWriter: BulkWriter,
    private readonly idempotency: Idempotency,
  ) {}

  list<Row extends BusinessRow>(resource: Resource<Row>, request: FastifyRequest): Promise<Page<Row>> {
    return this.reader.list(resource, queryOf(request.url));
  }

  async export(resource: Resource, request: FastifyRequest, reply: FastifyReply): Promise<AsyncGenerator<string>> {
    const chunks = await this.reader.export(resource, queryOf(request.url));
    void reply.header('content-type', 'text/csv; charset=utf-8');
    void reply.header('content-disposition', `attachment; filename="${resource.key}.csv"`);
    return chunks;
  }

  /** 304 without a body for a caller who has this version. */
  async get<Row extends BusinessRow>(
    resource: Resource<Row>,
    id: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Row | undefined> {
    const withOwner = flagOf(request, 'include', 'owner');
    const row = withOwner ? await this.reader.getWithOwner(resource, id) : await this.reader.get(resource, id);
    void reply.header('etag', etagOf(row.version));
    const known = request.headers['if-none-match'];
    if (known === undefined || !noneMatchHolds(known, row.version)) return row;
    void reply.code(304);
    return undefined;
  }

  /** One statement; with an idempotency key it keeps its answer too. */
  async create<Row extends BusinessRow>(
    resource: Resource<Row>,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Row> {
    refuseQuery(request);
    const input = inputOf(checkCreate(resource, body));
    const id = newId();
    const location = `${pathOf(request.url)}/${id}`;
    const key = keyOf(request);
    const create = async (): Promise<Answer<Row>> => {
      const keep = key === undefined ? {} : { keep: keeping(key, location) };
      const row = await this.writer.create(resource, input, { id, ...keep });
      return { status: 201, body: row, etag: etagOf(row.version), location };
    };
    const answer = key === undefined ? await create() : await this.idempotency.attempt(key, create);
    if (answer.replayed !== true) return send(reply, answer);
    // what a statement kept has its times as PostgreSQL writes them
    return send(reply, { ...answer, body: withTimes(Object.fromEntries(Object.entries(answer.body)), resource) });
  }

  async bulk<Row extends BusinessRow>(
    resource: Resource<Row>,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ items: Row[] }> {
    refuseQuery(request);
    const items = this.bulkWriter.read(resource, body);
    const key = keyOf(request);
    const write = async (): Promise<Answer<{ items: Row[] }>> => {
      const prepared = await this.bulkWriter.prepare(resource, items);
      return this.idempotency.run(key, async () => ({
        status: 200,
        body: { items: await this.bulkWriter.write(resource, prepared) },
      }));
    };
    return send(reply, key === undefined ? await write() : await this.idempotency.attempt(key, write));
  }

  async update<Row extends BusinessRow>(
    resource: Resource<Row>,
    id: string,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Row> {
    refuseQuery(request);
    const input = inputOf(checkUpdate(resource, body));
    const row = await this.writer.update(resource, id, input, versionsOf(request.headers['if-match']));
    void reply.header('etag', etagOf(row.version));
    return row;
  }

  async delete(resource: Resource, id: string, request: FastifyRequest): Promise<void> {
    const isHard = flagOf(request, 'hard', 'true', 'false');
    const versions = versionsOf(request.headers['if-match']);
    if (isHard) await this.writer.hardDelete(resource, id, versions);
    else await this.writer.delete(resource, id, versions);
  }

  async restore<Row extends BusinessRow>(
    resource: Resource<Row>,
    id: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Row> {
    refuseQuery(request);
    const versions = versionsOf(request.headers['if-match']);
    return this.once(request, reply, async () => {
      const row = await this.writer.restore(resource, id, versions);
      return { status: 200, body: row, etag: etagOf(row.version) };
    });
  }

  /**
   * For a module's own POST (`convert`): runs `work` in one unit of work, once for each idempotency key, and answers with
   * its status, ETag and Location.
   */
  async once<Body>(request: FastifyRequest, reply: FastifyReply, work: () => Promise<Answer<Body>>): Promise<Body> {
    return send(reply, await this.idempotency.run(keyOf(request), work));
  }
}

function send<Body>(reply: FastifyReply, { status, body, etag, location, replayed }: Answer<Body>): Body {
  void reply.code(status);
  if (etag !== undefined) void reply.header('etag', etag);
  if (location !== undefined) void reply.header('location', location);
  if (replayed === true) void reply.header('idempotency-replayed', 'true');
  return body;
}

const refuseQuery = ({ url }: FastifyRequest): void => readQuery(queryOf(url), unknownParameter);

/** The only parameter that there is, and whether it says `on`. */
function flagOf({ url }: FastifyRequest, name: string, on: string, off?: string): boolean {
  let isOn = false;
  readQuery(queryOf(url), (given, value) => {
    if (given !== name) return unknownParameter(given);
    if (value !== on && value !== off)
      return fault(name, 'is_in', `must be ${off === undefined ? on : `${on} or ${off}`}`);
    isOn = value === on;
    return undefined;
  });
  return isOn;
}
