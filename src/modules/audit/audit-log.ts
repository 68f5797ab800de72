import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { csvLine } from '../../common/csv.js';
import { accessTo } from '../../platform/access/index.js';
import { queryOf, Reaches } from '../../platform/resources/index.js';
import { currentScope, runInScope } from '../../platform/tenancy/index.js';
import { AUDIT_COLUMNS, type AuditEntryRow, type AuditPage } from './audit.dto.js';
import { AuditPlanes } from './audit-planes.js';
import { type AuditQuery, cursorAt, parseAuditQuery } from './audit-query.js';
import { mergedPage } from './merge.js';

/** Entries fetched at a time for a file. Between two fetches no connection is held, however slow the client is. */
const EXPORT_ROWS = 200;
const READ = accessTo('audit', 'read', { tenant: 'optional' });

/** Reads the audit log: of the caller's tenant, or of all tenants and the platform (in core) where he names none. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly planes: AuditPlanes,
    private readonly reaches: Reaches,
  ) {}

  async list({ url }: FastifyRequest): Promise<AuditPage> {
    const query = parseAuditQuery(queryOf(url), this.planes.view());
    const [{ items, isMore }, total] = await Promise.all([
      this.page(query),
      query.withTotal ? this.planes.count(query) : null,
    ]);
    const last = isMore ? items.at(-1) : undefined;
    return { items, next_cursor: last === undefined ? null : cursorAt(last, query), total };
  }

  /** All that a list would show, as chunks of CSV. The query is judged at once; entries are read as they are asked for. */
  export({ url }: FastifyRequest, reply: FastifyReply): AsyncGenerator<string> {
    const query = parseAuditQuery(queryOf(url), this.planes.view(), 'export');
    void reply.header('content-type', 'text/csv; charset=utf-8');
    void reply.header('content-disposition', 'attachment; filename="audit_log.csv"');
    return this.chunks({ ...query, limit: EXPORT_ROWS });
  }

  /** The client sets the pace, so before each fetch the caller is judged anew: whoever is shut out gets no further. */
  private async *chunks(query: AuditQuery): AsyncGenerator<string> {
    let lines = csvLine(AUDIT_COLUMNS);
    // whoever reads the stream does so outside of the request's scope
    const scope = currentScope();
    for (let after = query.after; ;) {
      const { items, isMore } = await runInScope(scope, async () => {
        await this.reaches.judgeAnew(READ);
        return this.page({ ...query, after });
      });
      for (const row of items) lines += csvLine(AUDIT_COLUMNS.map((column) => row[column]));
      yield lines;
      if (!isMore) return;
      after = items.at(-1);
      lines = '';
    }
  }

  private async page(query: AuditQuery): Promise<{ items: AuditEntryRow[]; isMore: boolean }> {
    const found = await mergedPage(this.planes.lists(query), { ...query, limit: query.limit + 1 });
    return { items: found.slice(0, query.limit), isMore: found.length > query.limit };
  }
}
