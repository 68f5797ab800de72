import { defineEntity, p } from '@mikro-orm/postgresql';
import { instant, oneOf, tombstonesWall } from '../database/index.js';

/** Of an organization or a user that was removed for good: so that a restored backup does not bring it back. */
const TombstoneSchema = defineEntity({
  name: 'Tombstone',
  schema: 'core',
  tableName: 'tombstones',
  ...tombstonesWall,
  checks: [oneOf('tombstones', 'kind', ['tenant', 'user'])],
  indexes: [{ name: 'tombstones_organization_id_idx', properties: ['organizationId'] }],
  properties: {
    // that of what was removed
    id: p.uuid().primary(),
    kind: p.string().length(10).$type<'tenant' | 'user'>(),
    // of a tenant its own; null: of the platform
    organizationId: p.uuid().nullable(),
    // the tenant's code, or the username
    code: p.string().length(100),
    removedAt: instant().defaultRaw('now()'),
    removedBy: p.uuid().nullable(),
  },
});
export class Tombstone extends TombstoneSchema.class {}
TombstoneSchema.setClass(Tombstone);
