import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  coreWall,
  id,
  instant,
  oneOf,
  reference,
  stamps,
  tenantFilter,
  version,
} from '../../../platform/database/index.js';
import { Organization } from '../../../platform/tenancy/index.js';

export const EXPORT_STATUSES = ['queued', 'running', 'ready', 'failed', 'expired'] as const;

/** An archive of a tenant that somebody asked for: how far it is, and what it has become. */
const ExportSchema = defineEntity({
  name: 'Export',
  schema: 'core',
  tableName: 'exports',
  ...coreWall,
  filters: tenantFilter,
  checks: [
    oneOf('exports', 'status', EXPORT_STATUSES),
    {
      name: 'exports_ready_check',
      expression: `status <> 'ready' or (size_bytes is not null and checksum is not null and expires_at is not null)`,
    },
  ],
  uniques: [
    { name: 'exports_unfinished_key', properties: ['organizationId'], where: `status in ('queued', 'running')` },
  ],
  indexes: [{ name: 'exports_organization_id_idx', properties: ['organizationId', 'createdAt', 'id'] }],
  properties: {
    ...id,
    organizationId: p.uuid(),
    organization: () => reference(Organization, { organization_id: 'id' }),
    status: p.string().length(10).default('queued').$type<(typeof EXPORT_STATUSES)[number]>(),
    sizeBytes: p.bigint('number').nullable(),
    // sha256 of the file, in hexadecimal digits
    checksum: p.string().length(64).nullable(),
    expiresAt: instant().nullable(),
    // for people
    error: p.string().length(255).nullable(),
    ...version,
    ...stamps,
  },
});
export class Export extends ExportSchema.class {}
ExportSchema.setClass(Export);
