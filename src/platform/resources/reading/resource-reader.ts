import { Injectable } from '@nestjs/common';
import { csvLine } from '../../../common/csv.js';
import type { Page } from '../../../common/pagination.js';
import { NotFound } from '../../../common/problem.js';
import type { Action } from '../../access/index.js';
import { currentScope, runInScope } from '../../tenancy/index.js';
import type { Resource } from '../definition/resource.js';
import type { StoredRow } from '../dto/business.dto.js';
import { type Reach, Reaches } from '../reach.js';
import { organizationOfScope, Units } from '../units.js';
import { type ListQuery, parseListQuery } from './list-query.js';
import { getStatement, listStatement } from './list-statement.js';
import { People } from './people.js';
import { pageOf, type RawRow, valuesOf, withTimes } from './rows.js';

/** Rows fetched at a time for a file, of up to 64 KiB each. Between two fetches no connection is held, however slow the client is. */
const EXPORT_ROWS = 200;

/** Reads records as rows under their wire names: one statement, one round trip, no entities. */
@Injectable()
export class ResourceReader {
  constructor(
    private readonly units: Units,
    private readonly reaches: Reaches,
    private readonly people: People,
  ) {}

  /** A page of what the caller reaches. @param query what follows the `?` of the request, or what it was read as */
  async list<Row extends StoredRow>(resource: Resource<Row>, query: string | ListQuery): Promise<Page<Row>> {
    const wanted = typeof query === 'string' ? parseListQuery(resource.listing, query) : query;
    const page = pageOf(await this.rows(resource, wanted, await this.reachOf(resource, wanted)), wanted, resource);
    if (wanted.include.length === 0) return page;
    return { ...page, items: await this.people.include(resource, page.items, wanted.include) };
  }

  /** One living record. @throws NotFound also for one that the action does not reach */
  async get<Row extends StoredRow>(resource: Resource<Row>, id: string, action: Action = 'read'): Promise<Row> {
    const row = await this.find(resource, id, action);
    if (row === undefined) throw NotFound();
    return row;
  }

  async find<Row extends StoredRow>(
    resource: Resource<Row>,
    id: string,
    action: Action = 'read',
  ): Promise<Row | undefined> {
    const reach = await this.reaches.of(resource, action);
    const statement = getStatement(resource, id, reach, organizationOfScope());
    const [row] = await this.units.of(resource).read<RawRow>(statement);
    return row && withTimes(row, resource);
  }

  /** @param include names of `people` */
  async getWith<Row extends StoredRow>(resource: Resource<Row>, id: string, include: readonly string[]): Promise<Row> {
    const [row] = await this.people.include(resource, [await this.get(resource, id)], include);
    if (row === undefined) throw NotFound();
    return row;
  }

  /**
   * All that a list would show, as chunks of CSV: in keyset pages, so that it is never whole in memory and holds no
   * connection while the client reads. The query is judged at once; the rows are read as they are asked for.
   */
  async export(resource: Resource, query: string): Promise<AsyncGenerator<string>> {
    const wanted = parseListQuery(resource.listing, query, 'export');
    await this.reachOf(resource, wanted);
    return this.chunks(resource, { ...wanted, limit: EXPORT_ROWS });
  }

  /** The client sets the pace, so before each fetch the caller is judged anew: whoever is shut out gets no further. */
  private async *chunks(resource: Resource, query: ListQuery): AsyncGenerator<string> {
    const columns = resource.answered;
    let lines = csvLine(columns);
    // whoever reads the stream does so outside of the request's scope
    const scope = currentScope();
    for (let after = query.after; ;) {
      const rows = await runInScope(scope, async () => {
        await this.reaches.judgeAnew(resource.permissions.read);
        return this.rows(resource, { ...query, after }, await this.reachOf(resource, query));
      });
      const isMore = rows.length > query.limit;
      if (isMore) rows.length = query.limit;
      for (const row of rows) {
        withTimes(row, resource);
        lines += csvLine(columns.map((name) => row[name]));
      }
      yield lines;
      const last = rows.at(-1);
      if (!isMore || last === undefined) return;
      after = valuesOf(last, query.order);
      lines = '';
    }
  }

  private rows(resource: Resource, query: ListQuery, reach: Reach): Promise<RawRow[]> {
    return this.units.of(resource).read(listStatement(resource, query, reach, organizationOfScope()));
  }

  /** The deleted are shown to those who may bring them back. */
  private reachOf(resource: Resource, { deleted }: ListQuery): Reach | Promise<Reach> {
    return this.reaches.of(resource, deleted ? 'manage' : 'read');
  }
}
