import 'reflect-metadata';
import { createApp } from './app.setup.js';
import { type Config, loadConfig } from './config/index.js';
import { migrateAtStart, type OpenDatabase, openDatabase } from './platform/database/index.js';
import { JobWorkers } from './platform/jobs/index.js';
import { Health, listenOperations, Metrics } from './platform/observability/index.js';
import { banner } from './banner.js';
import { isSeeded, runSeeders } from '../seeders/index.js';

/** Milliseconds within which running requests have to end after a signal. */
const SHUTDOWN_MS = 9_000;
/** `npm start` says so: npm hands a SIGTERM to its shell alone, which ends without a word to the server. */
const WITH_PARENT = '--end-with-parent';
const PARENT_POLL_MS = 500;
/** Asked at once: it may be gone before the server serves. */
const PARENT = process.ppid;
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** The whole life of the server: opens the database, migrates, serves, and ends with a signal. */
export async function start(): Promise<void> {
  const config = loadConfig();
  const database = await openDatabase(config, say);
  try {
    await serve(config, database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function serve(config: Config, database: OpenDatabase): Promise<void> {
  await migrateAtStart(config, database, ({ schema, name }) => {
    say(`migrated ${schema}: ${name}`);
  });
  const app = await createApp(config, database);
  if (config.environment === 'development' && config.seedPassword !== undefined && !(await isSeeded(app))) {
    await runSeeders(app, { print: say });
  }
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> =>
    (ending ??= (async () => {
      app.get(Health).stop();
      setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
      await app.close();
      await database.close();
      process.exit(0);
    })());
  // Ctrl-C reaches the whole process group, npm's forwarded copy included: the first one counts
  process.on('SIGINT', () => void end());
  process.on('SIGTERM', () => void end());
  if (process.argv.includes(WITH_PARENT)) onOrphaned(() => void end());
  await app.get(JobWorkers).start();
  await app.listen(config.port, config.host);
  if (config.metricsPort !== undefined) {
    await listenOperations(config.metricsPort, config.host, app.get(Health), app.get(Metrics));
  }
  banner(config, await app.getUrl(), database.embedded).forEach(say);
}

function onOrphaned(end: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(timer);
    end();
  }, PARENT_POLL_MS).unref();
}
