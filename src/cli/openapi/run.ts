import { createApp, openApiDocument } from '../../app.setup.js';
import { migrateAtStart } from '../../platform/database/index.js';
import type { Session } from '../session.js';

export async function run(session: Session) {
  const database = await session.database();
  await migrateAtStart(session.config(), database, () => undefined);
  const app = await createApp(session.config(), database);
  session.defer(app, () => app.close());
  session.out.raw(`${JSON.stringify(openApiDocument(app), null, 2)}\n`);
  return { ok: true };
}
