import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EntityManager, tenancy } from './dist.js';

/** The tenant plane's parts of an application, as a feature injects them. */
export function planeOf(app: NestFastifyApplication) {
  return { tenancy: app.get(tenancy.Tenancy), em: app.get(EntityManager), core: app.get(tenancy.CoreUnit) };
}
