import { Injectable } from '@nestjs/common';
import { ZERO_ID } from '../../common/ids.js';
import { isoTime } from '../../common/time.js';
import type { Statement } from '../../platform/database/index.js';
import { predicateOf, Sql } from '../../platform/resources/index.js';
import { CoreUnit, currentScope, Tenancy } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { AUDIT_COLUMNS, type AuditEntryRow } from './audit.dto.js';
import type { AuditQuery } from './audit-query.js';
import type { Fetch } from './merge.js';

/** One of the tables that hold entries, behind its own wall. */
interface Plane {
  readonly table: 'core.audit_log' | 'audit_log';
  /** Beside the policy; undefined: of all. */
  readonly organizationId: string | undefined;
  read<T>(statement: Statement): Promise<T[]>;
}

const SELECT = AUDIT_COLUMNS.map((column) =>
  column === 'tenant_id' ? `nullif("organization_id", '${ZERO_ID}') as tenant_id` : `"${column}"`,
).join(', ');

/**
 * Where the caller's entries are: of a tenant in core and at its location, each read through the unit of its plane; of
 * the platform, for its people who name no tenant, all that core keeps.
 */
@Injectable()
export class AuditPlanes {
  constructor(
    private readonly core: CoreUnit,
    private readonly tenancy: Tenancy,
    private readonly platform: PlatformUnit,
  ) {}

  /** Whose entries the scope's caller sees: the tenant's id, or all. */
  view(): string {
    return currentScope().placement?.organizationId ?? 'all';
  }

  /** The lists of a query, to be merged. */
  lists(query: AuditQuery): Fetch<AuditEntryRow>[] {
    return this.planes().map((plane) => async (after, limit, skip) => {
      const sql = new Sql();
      let text = `select ${SELECT} from ${plane.table} where ${matching(plane, query, sql)}`;
      const [direction, comparison] = query.descending ? [' desc', '<'] : ['', '>'];
      if (after !== undefined)
        text += ` and ("at", "id") ${comparison} (${sql.typed(after.at, 'timestamptz')}, ${sql.typed(after.id, 'uuid')})`;
      text += ` order by "at"${direction}, "id"${direction} limit ${sql.bind(limit)}`;
      if (skip > 0) text += ` offset ${sql.bind(skip)}`;
      const rows = await plane.read<AuditEntryRow>(sql.statement(text));
      for (const row of rows) row.at = isoTime(row.at);
      return rows;
    });
  }

  async count(query: AuditQuery): Promise<number> {
    const counts = await Promise.all(
      this.planes().map(async (plane) => {
        const sql = new Sql();
        const text = `select count(*) as count from ${plane.table} where ${matching(plane, query, sql)}`;
        const [row] = await plane.read<{ count: string }>(sql.statement(text));
        return Number(row?.count ?? 0);
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private planes(): Plane[] {
    const { core, tenancy, platform } = this;
    const organizationId = currentScope().placement?.organizationId;
    if (organizationId === undefined)
      return [{ table: 'core.audit_log', organizationId, read: (statement) => platform.query(statement) }];
    return [
      { table: 'core.audit_log', organizationId, read: (statement) => core.query(statement) },
      { table: 'audit_log', organizationId, read: (statement) => tenancy.read(statement) },
    ];
  }
}

/** Without a tenant only the platform's people come this far: the guard lets nobody else be without one. */
function matching({ organizationId }: Plane, { conditions }: AuditQuery, sql: Sql): string {
  const own = organizationId === undefined ? 'true' : `"organization_id" = ${sql.typed(organizationId, 'uuid')}`;
  return [own, ...conditions.map((condition) => predicateOf(condition, sql))].join(' and ');
}
