import { defineEntity, p } from '@mikro-orm/postgresql';
import { id, instant, oneOf, platformWall, reference, stamps } from '../../database/index.js';
import { Location } from '../location.entity.js';
import { Organization } from '../organization.entity.js';

export const MOVE_STATUSES = [
  'requested',
  'capturing',
  'copying',
  'catching_up',
  'fencing',
  'switching',
  'done',
  'failed',
  'aborted',
] as const;
export type MoveStatus = (typeof MOVE_STATUSES)[number];

/**
 * The move of a tenant from one location to another: what is asked and how far it is. Where the tenant really is say the
 * fences and the organization; a move that is resumed goes by those.
 */
const MoveSchema = defineEntity({
  name: 'Move',
  schema: 'core',
  tableName: 'moves',
  ...platformWall,
  checks: [
    oneOf('moves', 'status', MOVE_STATUSES),
    { name: 'moves_places_check', expression: 'from_location_id <> to_location_id' },
  ],
  uniques: [
    {
      name: 'moves_unfinished_key',
      properties: ['organizationId'],
      where: 'finished_at is null',
    },
  ],
  indexes: [{ name: 'moves_organization_id_idx', properties: ['organizationId', 'createdAt', 'id'] }],
  properties: {
    ...id,
    organizationId: p.uuid(),
    organization: () => reference(Organization, { organization_id: 'id' }),
    fromLocationId: p.uuid(),
    fromLocation: () => reference(Location, { from_location_id: 'id' }),
    toLocationId: p.uuid(),
    toLocation: () => reference(Location, { to_location_id: 'id' }),
    status: p.string().length(15).default('requested').$type<MoveStatus>(),
    // of the tenant while it is at the source; at the target it is one more
    epoch: p.integer(),
    rowsTotal: p.integer().default(0),
    rowsCopied: p.integer().default(0),
    // rows that were written meanwhile and carried over
    rowsCaughtUp: p.integer().default(0),
    // for which nobody could write, as the mover saw it
    pauseMs: p.integer().nullable(),
    // times that the fence was asked for
    fenceTries: p.integer().default(0),
    error: p.text().nullable(),
    // somebody wants it taken back: the mover that has it in hand reads this
    abortRequestedAt: instant().nullable(),
    switchedAt: instant().nullable(),
    finishedAt: instant().nullable(),
    cleanedAt: instant().nullable(),
    ...stamps,
  },
});
export class Move extends MoveSchema.class {}
MoveSchema.setClass(Move);
