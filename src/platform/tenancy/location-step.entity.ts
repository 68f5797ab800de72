import { defineEntity, p } from '@mikro-orm/postgresql';
import { id, instant, platformWall, stamps } from '../database/index.js';
import { Location } from './location.entity.js';

/** One step of making a location: a second run goes on with the first that is not finished. */
const LocationStepSchema = defineEntity({
  name: 'LocationStep',
  schema: 'core',
  tableName: 'location_steps',
  ...platformWall,
  uniques: [{ name: 'location_steps_key', properties: ['location', 'step'] }],
  properties: {
    ...id,
    location: () => p.manyToOne(Location).ref().deleteRule('no action').updateRule('no action'),
    step: p.string().length(20),
    attempts: p.integer().default(0),
    finishedAt: instant().nullable(),
    lastError: p.text().nullable(),
    ...stamps,
  },
});
export class LocationStep extends LocationStepSchema.class {}
LocationStepSchema.setClass(LocationStep);
