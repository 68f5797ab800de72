import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LocationMaker } from '../src/platform/database/index.js';
import { asSuperuser, startCluster } from './cluster.js';

/** How many schemas, and how many databases beside them. */
const LOCATIONS = 1_000;
const DATABASES = 20;
const MAKERS = 4;
/** Later than any other. In the built folder alone, and gone afterwards. */
const NAME = 'Migration29991231000000_bench';
const MIGRATION = fileURLToPath(new URL(`../migrations/tenant/${NAME}.js`, import.meta.url));
const TEXT = `import { Migration } from '@mikro-orm/migrations';
export class ${NAME} extends Migration {
  up() {
    this.addSql('alter table crm_leads add column bench varchar(50) null');
    this.addSql('create index crm_leads_bench_idx on crm_leads (organization_id, bench)');
  }
  down() {}
}
`;

/** What `fleet-run` says of a whole run of the migrator. */
interface Run {
  readonly seconds: number;
  readonly peak_mb: number;
  readonly migrated: number;
}

const say = (line: string): void => {
  console.log(line);
};
const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

const cluster = await startCluster();
try {
  const { superuser, ...urls } = await cluster.database('fleet');
  const maker = new LocationMaker(urls);
  const made = { schema: [] as number[], database: [] as number[] };
  const timed = async (times: number[], work: () => Promise<unknown>): Promise<void> => {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  };
  for (let n = 0; n < DATABASES; n++)
    await timed(made.database, () =>
      maker.makeDatabase({ server: 'main', database: `tenant_d_${String(n)}`, location: randomUUID() }),
    );
  // the first one waits for the template
  const [template = 0, ...databases] = made.database;
  const schemas = Array.from({ length: LOCATIONS }, (_, n) => `tenant_s_${String(n)}`);
  for (const schema of schemas.slice(0, DATABASES)) await timed(made.schema, () => maker.makeSchema(schema));
  say(
    `${cluster.version}: a database ${median(databases).toFixed(0)} ms from the template (${template.toFixed(0)} ms), a schema ${median(made.schema).toFixed(0)} ms`,
  );

  const queue = schemas.slice(DATABASES);
  await Promise.all(
    Array.from({ length: MAKERS }, async () => {
      for (let schema = queue.pop(); schema !== undefined; schema = queue.pop()) await maker.makeSchema(schema);
    }),
  );
  await asSuperuser(superuser, (client) =>
    client.query(
      `insert into core.locations (id, isolation, server, schema_name, status)
       select gen_random_uuid(), 'schema', 'main', s, 'ready' from unnest($1::text[]) s`,
      [schemas],
    ),
  );
  await writeFile(MIGRATION, TEXT);
  const run = fileURLToPath(new URL('fleet-run.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [run], {
    env: { ...process.env, URLS: JSON.stringify(urls) },
  });
  const { seconds, peak_mb, migrated } = JSON.parse(stdout) as Run;
  say(
    `${String(migrated)} locations got a column and an index in ${seconds.toFixed(1)} s; the migrator's memory ${String(peak_mb)} MB at most`,
  );
  if (process.argv.includes('--json')) say(JSON.stringify({ locations: migrated, seconds, peak_mb }));
} finally {
  await rm(MIGRATION, { force: true });
  await cluster.stop();
}
