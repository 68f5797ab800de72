import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid, newId } from '../../../common/ids.js';
import type { Page } from '../../../common/pagination.js';
import { invalid, PermissionDenied } from '../../../common/problem.js';
import type { Action } from '../../access/index.js';
import { untilWon } from '../../database/index.js';
import { etagOf, noneMatchHolds, pathOf } from '../../http/index.js';
import { below } from '../definition/narrowed.js';
import type { Resource } from '../definition/resource.js';
import type { StoredRow } from '../dto/business.dto.js';
import { type Answer, Idempotency, keeping, type Ledger } from '../idempotency/idempotency.js';
import { type IdempotencyKey, keyOf } from '../idempotency/idempotency-key.js';
import { mayTry } from '../reach.js';
import { parseListQuery } from '../reading/list-query.js';
import { queryOf } from '../reading/query-string.js';
import { ResourceReader } from '../reading/resource-reader.js';
import { withTimes } from '../reading/rows.js';
import { ledgerSchema, Units } from '../units.js';
import { BulkWriter } from '../writing/bulk-writer.js';
import { checkCreate, checkUpdate, type Input, inputOf } from '../writing/input.js';
import { versionsOf } from '../writing/precondition.js';
import { ResourceWriter } from '../writing/resource-writer.js';
import { flagOf, includedIn, refuseInput, refuseQuery } from './flags.js';
import type { UseCases } from './use-cases.js';

/** The answers of a resource's routes: what `ResourceController` hands its requests to. */
@Injectable()
export class Resources {
  constructor(
    private readonly reader: ResourceReader,
    private readonly writer: ResourceWriter,
    private readonly bulkWriter: BulkWriter,
    private readonly idempotency: Idempotency,
    private readonly units: Units,
  ) {}

  async list<Row extends StoredRow>(
    resource: Resource<Row>,
    request: FastifyRequest,
    cases: UseCases<Row> = {},
  ): Promise<Page<Row>> {
    // read first: what is wrong with it is told before the record above is looked for
    const wanted = parseListQuery(resource.listing, queryOf(request.url));
    return this.reader.list(await reached(resource, 'read', request, cases), wanted);
  }

  async export<Row extends StoredRow>(
    resource: Resource<Row>,
    request: FastifyRequest,
    reply: FastifyReply,
    cases: UseCases<Row> = {},
  ): Promise<AsyncGenerator<string>> {
    const chunks = await this.reader.export(await reached(resource, 'read', request, cases), queryOf(request.url));
    void reply.header('content-type', 'text/csv; charset=utf-8');
    void reply.header('content-disposition', `attachment; filename="${resource.key}.csv"`);
    return chunks;
  }

  /** 304 without a body for a caller who has this version. */
  async get<Row extends StoredRow>(
    resource: Resource<Row>,
    id: string,
    request: FastifyRequest,
    reply: FastifyReply,
    cases: UseCases<Row> = {},
  ): Promise<Row | undefined> {
    const include = includedIn(request, [...resource.people.keys()]);
    const narrow = await reached(resource, 'read', request, cases);
    const found =
      include.length === 0 ? await this.reader.get(narrow, id) : await this.reader.getWith(narrow, id, include);
    const row = (await cases.read?.(narrow, found)) ?? found;
    void reply.header('etag', etagOf(row.version));
    const known = request.headers['if-none-match'];
    if (known === undefined || !noneMatchHolds(known, row.version)) return row;
    void reply.code(304);
    return undefined;
  }

  async create<Row extends StoredRow>(
    resource: Resource<Row>,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    cases: UseCases<Row> = {},
  ): Promise<Row> {
    refuseQuery(request);
    const checked = inputOf(checkCreate(resource, body));
    const narrow = await reached(resource, 'create', request, cases);
    const input = (await cases.prepare?.(narrow, checked, 'create')) ?? checked;
    const id = newId();
    const location = `${pathOf(request.url)}/${id}`;
    if (cases.create === undefined) return this.createByStatement(narrow, input, { id, location }, request, reply);
    const answer = await this.idempotency.run(this.ledgerOf(narrow), keyOf(request), async () => {
      const row = await cases.create?.(narrow, input, id);
      if (row === undefined) throw new Error('the service creates nothing');
      return { status: 201, body: row, etag: etagOf(row.version), location };
    });
    return send(reply, answer);
  }

  /** One statement; with an idempotency key it keeps its answer too. */
  private async createByStatement<Row extends StoredRow>(
    resource: Resource<Row>,
    input: Input,
    { id, location }: { id: string; location: string },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Row> {
    const key = keyOf(request);
    const create = async (): Promise<Answer<Row>> => {
      const keep = key === undefined ? {} : { keep: keeping(key, location, ledgerSchema(resource)) };
      const row = await this.writer.create(resource, input, { id, ...keep });
      return { status: 201, body: row, etag: etagOf(row.version), location };
    };
    const answer =
      key === undefined ? await create() : await this.idempotency.attempt(this.ledgerOf(resource), key, create);
    if (answer.replayed !== true) return send(reply, answer);
    // what a statement kept has its times as PostgreSQL writes them
    return send(reply, { ...answer, body: withTimes(Object.fromEntries(Object.entries(answer.body)), resource) });
  }

  async bulk<Row extends StoredRow>(
    resource: Resource<Row>,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ items: Row[] }> {
    refuseQuery(request);
    const items = this.bulkWriter.read(resource, body);
    const key = keyOf(request);
    const ledger = this.ledgerOf(resource);
    const write = async (): Promise<Answer<{ items: Row[] }>> => {
      const prepared = await this.bulkWriter.prepare(resource, items);
      return this.idempotency.run(ledger, key, async () => ({
        status: 200,
        body: { items: await this.bulkWriter.write(resource, prepared) },
      }));
    };
    return send(reply, key === undefined ? await write() : await this.idempotency.attempt(ledger, key, write));
  }

  async update<Row extends StoredRow>(
    resource: Resource<Row>,
    id: string,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    cases: UseCases<Row> = {},
  ): Promise<Row> {
    refuseQuery(request);
    const checked = inputOf(checkUpdate(resource, body));
    const narrow = await reached(resource, 'update', request, cases);
    const input = (await cases.prepare?.(narrow, checked, 'update')) ?? checked;
    const versions = versionsOf(request.headers['if-match']);
    const row = await (cases.update === undefined
      ? this.writer.update(narrow, id, input, versions)
      : this.transact(narrow, () => cases.update?.(narrow, id, input, versions) ?? nothing()));
    void reply.header('etag', etagOf(row.version));
    return row;
  }

  async delete<Row extends StoredRow>(
    resource: Resource<Row>,
    id: string,
    request: FastifyRequest,
    cases: UseCases<Row> = {},
  ): Promise<void> {
    const isHard = resource.isRestorable && flagOf(request, 'hard', 'true', 'false');
    if (!resource.isRestorable) refuseQuery(request);
    const versions = versionsOf(request.headers['if-match']);
    const action = isHard ? 'manage' : 'delete';
    const narrow = await reached(resource, action, request, cases);
    // the guard asked for `delete` alone, and what the service does of its own comes before the writer asks
    if (!mayTry(narrow, action)) throw PermissionDenied({ required: narrow.permissions[action].code });
    await cases.beforeDelete?.(narrow, id, versions);
    const remove = async (): Promise<void> => {
      if (isHard) await (cases.hardDelete?.(narrow, id, versions) ?? this.writer.hardDelete(narrow, id, versions));
      else await (cases.delete?.(narrow, id, versions) ?? this.writer.delete(narrow, id, versions));
    };
    const isOwn = (isHard ? 'hardDelete' : 'delete') in cases;
    await (isOwn ? this.transact(narrow, remove) : remove());
  }

  async restore<Row extends StoredRow>(
    resource: Resource<Row>,
    id: string,
    request: FastifyRequest,
    reply: FastifyReply,
    cases: UseCases<Row> = {},
  ): Promise<Row> {
    refuseInput(request);
    const versions = versionsOf(request.headers['if-match']);
    const narrow = await reached(resource, 'manage', request, cases);
    return this.once(
      request,
      reply,
      async () => {
        const row = await (cases.restore?.(narrow, id, versions) ?? this.writer.restore(narrow, id, versions));
        return { status: 200, body: row, etag: etagOf(row.version) };
      },
      narrow,
    );
  }

  /**
   * For a module's own POST (`convert`): runs `work` in one unit of work, once for each idempotency key (and again when it
   * lost a race, which leaves nothing), and answers with its status, ETag and Location. @param of whose plane the unit is of: by default the tenant's
   */
  async once<Body>(
    request: FastifyRequest,
    reply: FastifyReply,
    work: () => Promise<Answer<Body>>,
    of: Pick<Resource, 'unit' | 'table'> = TENANT_PLANE,
  ): Promise<Body> {
    const key: IdempotencyKey | undefined = keyOf(request);
    return send(reply, await this.idempotency.run(this.ledgerOf(of), key, work));
  }

  /** What the service does in its own way, in one unit of work: run again when it lost a race. */
  private transact<T>(resource: Resource, work: () => Promise<T>): Promise<T> {
    return untilWon(() => this.units.of(resource).transaction(work));
  }

  private ledgerOf(resource: Pick<Resource, 'unit' | 'table'>): Ledger {
    return { unit: this.units.of(resource), schema: ledgerSchema(resource) };
  }
}

const TENANT_PLANE = { table: { schema: undefined } } as Pick<Resource, 'table'>;

const nothing = (): never => {
  throw new Error('the service changes nothing');
};

/** The resource below the parent that the path names, as the feature's service narrows it. */
async function reached<Row extends StoredRow>(
  resource: Resource<Row>,
  action: Action,
  request: FastifyRequest,
  cases: UseCases<Row>,
): Promise<Resource<Row>> {
  const placed =
    resource.parent === undefined ? resource : below(resource, parentIn(request, resource.parent.parameter));
  return (await cases.reachable?.(placed, action)) ?? placed;
}

function parentIn({ params }: FastifyRequest, parameter: string): string {
  const id: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, parameter) : undefined;
  if (!isUuid(id)) throw invalid(parameter, 'is_uuid', 'must be a UUID');
  return id.toLowerCase();
}

/** Sets what an answer says besides its body, which is sent by whoever returns it. */
export function send<Body>(reply: FastifyReply, { status, body, etag, location, replayed }: Answer<Body>): Body {
  void reply.code(status);
  if (etag !== undefined) void reply.header('etag', etag);
  if (location !== undefined) void reply.header('location', location);
  if (replayed === true) void reply.header('idempotency-replayed', 'true');
  return body;
}
