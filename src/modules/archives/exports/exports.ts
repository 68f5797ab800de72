import { defineEntity, p } from '@mikro-orm/postgresql';
import { accessTo } from '../../../platform/access/index.js';
import { instant, oneOf, stamps, version } from '../../../platform/database/index.js';
import { defineResource } from '../../../platform/resources/index.js';
import { ExportRow } from './export.dto.js';
import { EXPORT_STATUSES } from './export.entity.js';

/** Rows of the select below: an export is over by the clock, whenever somebody gets to removing it. */
const ExportViewSchema = defineEntity({
  name: 'ExportView',
  schema: 'core',
  tableName: 'exports',
  checks: [oneOf('exports', 'status', EXPORT_STATUSES)],
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    status: p.string().length(10),
    sizeBytes: p.bigint().nullable(),
    checksum: p.string().length(64).nullable(),
    expiresAt: instant().nullable(),
    error: p.string().length(255).nullable(),
    ...version,
    ...stamps,
  },
});
class ExportView extends ExportViewSchema.class {}
ExportViewSchema.setClass(ExportView);

/** The exports of a tenant, of those who manage it. */
export const Exports = defineResource({
  access: 'tenant',
  path: 'exports',
  idParameter: 'export_id',
  entity: ExportView,
  // as a number: what drivers make of a bigint is a text
  query: `select id, organization_id, case when status = 'ready' and expires_at <= now() then 'expired' else status end as status,
      size_bytes::float8 as size_bytes, checksum, expires_at, error, version, created_at, updated_at, created_by, updated_by
    from core.exports`,
  row: ExportRow,
  filters: ['status', 'expires_at'],
  sort: ['expires_at'],
  asks: { read: accessTo('tenant', 'manage', { tenant: 'path' }) },
});
