import { migrateAtStart } from '../platform/database/index.js';
import { action, type Define } from './command.js';
import type { Session } from './session.js';

export const openapi: Define = (program) => {
  program.command('openapi').description('print the OpenAPI document of this version as JSON').action(action(run));
};

async function run(session: Session) {
  const database = await session.database();
  await migrateAtStart(session.config(), database, () => undefined);
  const { createApp, openApiDocument } = await import('../app.setup.js');
  const app = await createApp(session.config(), database);
  session.defer(app, () => app.close());
  session.out.raw(`${JSON.stringify(openApiDocument(app), null, 2)}\n`);
  return { ok: true };
}
