// Seeds a database as a first start does. Plain JavaScript: jest's global hooks load it outside of its own transformation.
import { createApp } from '../../dist/src/app.setup.js';
import { loadConfig } from '../../dist/src/config/index.js';
import { runSeeders } from '../../dist/seeders/index.js';

export async function seedDatabase(urls) {
  const config = loadConfig({
    ENVIRONMENT: 'test',
    LOG_LEVEL: 'silent',
    SECRET_KEY: 'a secret for tests alone, of 32 and more characters',
    ENCRYPTION_KEY: 'another secret for tests alone, of 32 and more',
    DATABASE_URL: urls.owner,
    DATABASE_APP_URL: urls.app,
    DATABASE_PLATFORM_URL: urls.platform,
    DATABASE_MOVER_URL: urls.mover,
  });
  const app = await createApp(config, { urls, embedded: false, close: () => Promise.resolve() });
  const { PLACEMENT: placement = 'shared' } = process.env;
  await runSeeders(app, { isolation: placement === 'moving' ? 'shared' : placement, print: () => undefined });
  await app.close();
}
