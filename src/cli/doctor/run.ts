import { Migrator, type OpenDatabase, pendingMigrations, Pools } from '../../platform/database/index.js';
import { CliError, EXIT } from '../exit.js';
import { explain } from '../explain.js';
import type { Session } from '../session.js';
import { connected } from '../connected.js';
import { fault, type Finding, note, ok } from './finding.js';
import { grants } from './grants.js';
import { logins } from './logins.js';
import { clock, listens, serverVersion, smtp, storage } from './server.js';
import { walls } from './walls.js';

export async function run(session: Session) {
  const findings: Finding[] = [];
  const show = (...found: Finding[]): void => {
    for (const finding of found) {
      findings.push(finding);
      print(session, finding);
    }
  };
  const config = session.config();
  show(ok('node', process.version), ok('configuration', `${config.environment}, every variable can be served`));
  const database = await session.database();
  const found = await logins(database.urls);
  show(...found);
  if (found.every(({ state }) => state !== 'unreachable')) await throughDatabase(session, database, show);
  show(smtp(config.smtp !== undefined), await storage(config));
  return answer(session, findings);
}

/** Faults are exit code 1; a database that is not there is 4, with all that was found in the document. */
function answer({ out }: Session, findings: readonly Finding[]) {
  const wrong = findings.filter(({ state }) => state === 'fault' || state === 'unreachable');
  if (wrong.some(({ state }) => state === 'unreachable')) {
    throw new CliError(EXIT.unreachable, wrong.map(({ name, found }) => `${name}: ${found}`).join(' '));
  }
  out.line(wrong.length === 0 ? 'No fault.' : `${String(wrong.length)} ${wrong.length === 1 ? 'fault' : 'faults'}.`);
  return { ok: wrong.length === 0, findings };
}

async function throughDatabase(
  session: Session,
  database: OpenDatabase,
  show: (...found: Finding[]) => void,
): Promise<void> {
  const { platform } = database.urls;
  show(await guarded('database', () => connected(platform, serverVersion)));
  show(await guarded('clock', () => connected(platform, clock)));
  show(await guarded('LISTEN', () => listens(platform)));
  const migrated = await migrations(session, database);
  show(migrated);
  show(await guarded('walls', () => walls(database.urls)));
  // without the tables there are no rights to have
  if (migrated.state !== 'ok') show(note('grants', 'not asked before the migrations are applied'));
  else show(await guarded('grants', () => grants(database.urls)));
}

/** A question that the database refuses to answer is a fault of its own, and the next one is asked. */
async function guarded(name: string, ask: () => Promise<Finding>): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    const { message, hint } = explain(error);
    return fault(name, message, ...(hint === undefined ? [] : [hint]));
  }
}

function migrations(session: Session, { urls }: OpenDatabase): Promise<Finding> {
  const { sharedSchema, tenantMaxConnections: tenantMax, connectionLifetimeMs: lifetimeMs } = session.config();
  return guarded('migrations', async () => {
    const pools = new Pools(urls, { max: 1, tenantMax, lifetimeMs });
    try {
      const pending =
        urls.owner === undefined
          ? await pendingMigrations(pools, sharedSchema)
          : await pendingEverywhere(new Migrator(urls, sharedSchema));
      if (pending.length === 0) return ok('migrations', 'core and every location are up to date');
      return fault('migrations', `pending: ${pending.join(', ')}`, 'Run: tenantry migrate');
    } finally {
      await pools.close();
    }
  });
}

const pendingEverywhere = async (migrator: Migrator): Promise<string[]> =>
  (await migrator.plan('up')).map((step) => `${migrator.nameOf(step)}: ${step.name}`);

const MARKS: Record<Finding['state'], string> = { ok: '✓', note: '•', fault: '✗', unreachable: '✗' };
function print({ out }: Session, { name, state, found, remedy = [] }: Finding): void {
  out.line(`${MARKS[state]} ${name}: ${found}`);
  for (const line of remedy) out.line(`    ${line}`);
}
