import type { Statement } from '../../../platform/database/index.js';
import { auditContext } from '../../../platform/tenancy/index.js';

/** A change of several rows of one table. */
export interface ManyRows {
  readonly table: string;
  readonly action: 'create' | 'delete' | 'restore';
  /** What changes the rows and returns them. `$1` is the organization, `$2` the row above, `$3` who acts, `$8` … are `values`. */
  readonly change: string;
  /** What an entry says, as jsonb, of a row called `changed`. */
  readonly told: string;
  /** Before `change`, with a comma behind it. */
  readonly first?: string;
  /** What of the changed rows is counted. */
  readonly counted?: string;
  readonly values?: readonly unknown[];
}
/** What the statement answers. */
export interface Counted {
  readonly count: number;
}

/** One statement for all rows, with an entry in the audit log for each. */
export function audited(
  organizationId: string,
  above: string,
  { table, action, change, told, first = '', counted = 'count(*)', values = [] }: ManyRows,
): Statement {
  const { actorId, actorKind, requestId, ip, userAgent } = auditContext();
  return {
    text: `with ${first}changed as (${change}),
      "#entries" as (insert into audit_log (organization_id, id, actor_id, actor_kind, action, resource, resource_id, changes, request_id, ip, user_agent)
        select $1::uuid, uuidv7(), $3::uuid, $4::text, '${action}', '${table}', "id", ${told}, $5::text, $6::text, $7::text from changed)
      select (${counted})::int as count from changed where $2::uuid is not null`,
    values: [organizationId, above, actorId, actorKind, requestId, ip, userAgent, ...values],
  };
}
