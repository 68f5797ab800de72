import { defineEntity, p } from '@mikro-orm/postgresql';
import { instant, stamps, version } from '../../platform/database/index.js';
import { defineResource } from '../../platform/resources/index.js';
import { MoveRow } from './move.dto.js';

/** Rows of the select below: moves as they are seen from outside, without ids of locations. */
const MoveViewSchema = defineEntity({
  name: 'MoveView',
  schema: 'core',
  tableName: 'moves',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    from: p.json(),
    to: p.json(),
    status: p.string().length(15),
    rowsTotal: p.integer(),
    rowsCopied: p.integer(),
    rowsCaughtUp: p.integer(),
    pauseMs: p.integer().nullable(),
    error: p.text().nullable(),
    switchedAt: instant().nullable(),
    finishedAt: instant().nullable(),
    cleanedAt: instant().nullable(),
    ...version,
    ...stamps,
  },
});
class MoveView extends MoveViewSchema.class {}
MoveViewSchema.setClass(MoveView);

/** The moves of tenants, of the platform's people alone. */
export const Moves = defineResource({
  access: 'tenant',
  path: 'moves',
  idParameter: 'move_id',
  entity: MoveView,
  query: `select id, organization_id, core.place(from_location_id) as "from", core.place(to_location_id) as "to", status, rows_total, rows_copied,
      rows_caught_up, pause_ms, error, switched_at, finished_at, cleaned_at, 1 as version, created_at, updated_at, created_by, updated_by
    from core.moves`,
  row: MoveRow,
  filters: ['status'],
  options: { tenant: 'optional' },
});
