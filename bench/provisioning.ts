import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { NewTenants } from '../src/modules/tenants/index.js';
import { migrationFiles } from '../src/platform/database/migration-files.js';
import { templateNames } from '../src/platform/database/template-databases.js';
import { TENANT_SCHEMA } from '../src/platform/database/index.js';
import { emptyScope, runInScope } from '../src/platform/tenancy/index.js';
import { type Cluster, type Database, startCluster } from './cluster.js';
import { median } from './measure.js';
import { prepareDatabase } from './prepare.js';
import { machine } from './report.js';
import { startApplication } from './servers/application.js';

const USAGE = `npm run bench:provisioning -- [--json] [--rounds 15]
  --json    prints one JSON object last
  --rounds  tenants of each isolation`;
/** Milliseconds: at most, for a place of its own; and in the database, for one in the shared tables. */
const MUST_MS = 200;
const MUST_SHARED_MS = 10;
/** Milliseconds after which a connection that is idle has told PostgreSQL's statistics what it did. */
const TOLD_MS = 11_000;
const ISOLATIONS = ['shared', 'schema', 'database'] as const;
type Isolation = (typeof ISOLATIONS)[number];
/** Of its own: what is made for it PostgreSQL can be asked for alone. */
type Own = Exclude<Isolation, 'shared'>;

type Times<Of extends Isolation> = Readonly<Record<Of, number[]>>;

const say = (line: string): void => {
  console.log(line);
};

/** One tenant of each isolation in turn, from the call until it is served; beside each what PostgreSQL alone takes. */
async function main(cluster: Cluster, rounds: number, json: boolean): Promise<void> {
  say(machine(cluster.version));
  const database = await prepareDatabase(cluster, 'bench', () => Promise.resolve());
  const app = await startApplication(database, { LOG_LEVEL: 'silent' });
  await app.init();
  const tenants = app.get(NewTenants);
  const plain = await Plain.connect(database);
  const whole: Times<Isolation> = { shared: [], schema: [], database: [] };
  const alone: Times<Own> = { schema: [], database: [] };
  const make = async (isolation: Isolation, name: string): Promise<void> => {
    const asked = { tenant_code: name, tenant_name: name, admin_email: `a@${name}.example`, isolation };
    const { isFinished } = await runInScope(emptyScope(), () =>
      tenants.make({ ...asked, license_tier: 'enterprise' }, {}),
    );
    if (!isFinished) throw new Error(`${name} is not finished`);
  };
  // the first one makes the template
  for (const isolation of ISOLATIONS) await make(isolation, `first-${isolation}`);
  for (let round = 0; round < rounds; round++) {
    for (const isolation of round % 2 === 0 ? ISOLATIONS : ISOLATIONS.toReversed()) {
      whole[isolation].push(await timed(() => make(isolation, `t${String(round)}-${isolation}`)));
      if (isolation !== 'shared')
        alone[isolation].push(await timed(() => plain.make(isolation, `plain_${String(round)}`)));
    }
  }
  await sleep(TOLD_MS);
  const before = await plain.activeMs();
  for (let round = 0; round < rounds; round++) await make('shared', `s${String(round)}-shared`);
  await sleep(TOLD_MS);
  const inDatabase = ((await plain.activeMs()) - before) / rounds;
  await plain.end();
  await app.close();
  tell(whole, alone, inDatabase, json);
}

/** The least that PostgreSQL has to do, on a connection that is open. */
class Plain {
  private constructor(
    private readonly client: pg.Client,
    private readonly template: string,
    private readonly tables: string,
  ) {}

  static async connect({ owner }: Database): Promise<Plain> {
    const client = new pg.Client(owner);
    await client.connect();
    const { whole } = await templateNames(TENANT_SCHEMA, 'bench');
    const tables = (await migrationFiles('tenant')).flatMap(({ up }) => up).join(';\n');
    return new Plain(client, whole, tables);
  }

  async make(isolation: Own, name: string): Promise<void> {
    await this.client.query(
      isolation === 'database'
        ? `create database ${name} template ${this.template} strategy wal_log`
        : `begin; create schema ${name}; set local search_path = ${name}; ${this.tables}; commit`,
    );
  }

  /** What PostgreSQL has spent on statements in the main database, but for the last moments of who is connected. */
  async activeMs(): Promise<number> {
    const { rows } = await this.client.query<{ ms: number }>(
      'select active_time as ms from pg_stat_database where datname = current_database()',
    );
    return rows[0]?.ms ?? NaN;
  }

  end(): Promise<void> {
    return this.client.end();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function tell(whole: Times<Isolation>, alone: Times<Own>, inDatabase: number, json: boolean): void {
  const provisioning: Record<string, number> = { shared_database_ms: Math.round(inDatabase * 10) / 10 };
  for (const isolation of ISOLATIONS) {
    const ms = median(whole[isolation]);
    provisioning[`${isolation}_ms`] = Math.round(ms * 10) / 10;
    if (isolation === 'shared') {
      const mark = inDatabase > MUST_SHARED_MS ? '! ' : '';
      say(
        `shared    ${ms.toFixed(1)} ms, in the database ${mark}${inDatabase.toFixed(1)} ms (≤ ${String(MUST_SHARED_MS)})`,
      );
      continue;
    }
    const least = alone[isolation];
    const ratio = median(whole[isolation].map((time, round) => time / (least[round] ?? NaN)));
    provisioning[`${isolation}_ratio`] = Math.round(ratio * 100) / 100;
    const judged = `${ms > MUST_MS ? '! ' : ''}${ms.toFixed(1)} ms (≤ ${String(MUST_MS)})`;
    const times = `${ratio.toFixed(2)} times what PostgreSQL alone takes for it (${median(least).toFixed(1)} ms)`;
    say(`${isolation.padEnd(9)} ${judged}, ${times}`);
  }
  if (json) say(JSON.stringify({ provisioning }));
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, rounds: { type: 'string' } } });
const rounds = Number(values.rounds ?? 15);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(USAGE);
  process.exit(1);
}
const cluster = await startCluster();
const end = (): void => void cluster.stop().then(() => process.exit(1));
process.once('SIGINT', end).once('SIGTERM', end);
try {
  await main(cluster, rounds, values.json);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await cluster.stop();
}
process.exit();
