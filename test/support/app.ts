import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp, jobs, loadConfig, users } from './dist.js';
import { Client } from './client.js';
import { keepMails } from './mail.js';
import { freshDatabase, type TestDatabase } from './database.js';
import { BackAndForth } from './back-and-forth.js';

// bcrypt's lowest: hashes are not what these tests are about
users.hashing.cost = 4;

/** Removed at the end of the run, with the cluster. */
const { directory } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };

export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly database: TestDatabase;
  readonly url: string;
  /** What a command needs besides the database to find its files. */
  readonly environment: Record<string, string>;
  /** Calls without credentials. */
  readonly anonymous: Client;
  /** Signs in over HTTP with the demo password. */
  signIn(email: string): Promise<Client>;
  close(): Promise<void>;
}

/** The whole application on a free port, against a database of its own (or one that is given, as a further node). */
export async function startApp(given?: TestDatabase, environment: Record<string, string> = {}): Promise<TestApp> {
  const database = given ?? (await freshDatabase());
  const { urls } = database;
  const own = { DATA_DIR: join(directory, database.name), ...environment };
  const config = loadConfig({
    ENVIRONMENT: 'test',
    PORT: '0',
    LOG_LEVEL: 'silent',
    SECRET_KEY: 'a secret for tests alone, of 32 and more characters',
    ENCRYPTION_KEY: 'another secret for tests alone, of 32 and more',
    DATABASE_URL: urls.owner,
    DATABASE_APP_URL: urls.app,
    DATABASE_PLATFORM_URL: urls.platform,
    DATABASE_MOVER_URL: urls.mover,
    ...own,
  });
  // what a node is not given it does not have: '' is no owner, and no mover
  const { owner, mover, ...others } = urls;
  const app = await createApp(config, {
    urls: {
      ...{ servers: config.tenantServers, ...others },
      ...(environment['DATABASE_URL'] === '' ? {} : { owner }),
      ...(environment['DATABASE_MOVER_URL'] === '' ? {} : { mover }),
    },
    embedded: false,
    close: () => Promise.resolve(),
  });
  keepMails(app);
  await app.get(jobs.JobWorkers).start();
  await app.listen(0, '127.0.0.1');
  BackAndForth.start(database);
  const url = await app.getUrl();
  const anonymous = new Client(url);
  return {
    app,
    database,
    url,
    environment: own,
    anonymous,
    signIn: (email) => anonymous.signIn(email),
    close: async () => {
      await app.close();
      if (given === undefined) await database.drop();
    },
  };
}
