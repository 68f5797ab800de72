import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pools } from '../src/platform/database/index.js';
import { TenantMoves } from '../src/platform/tenancy/index.js';
import { Child } from './child.js';
import { asSuperuser, type Cluster, startCluster } from './cluster.js';
import { administrators, fill } from './data.js';
import { EU_1, leadsAt, makePlaces, type Place } from './move/places.js';
import type { WriterQuestion, WriterSettings, Written } from './move/questions.js';
import { prepareDatabase } from './prepare.js';
import { machine } from './report.js';
import { lists, withTokens } from './requests.js';
import { startProduct, tokensFor } from './server.js';

const USAGE = `npm run bench:move -- [--json] [--rows 100000]
  --json  prints one JSON object last
  --rows  of the tenant that moves`;
/** Milliseconds of writing before a move and after it, to which the neighbour is compared. */
const QUIET_MS = 3_000;
/** Milliseconds that writers have before and after what is measured. */
const AROUND_MS = 500;
const DAY_MS = 86_400_000;
const DIRECTIONS = [
  ['shared', 'schema'],
  ['schema', 'database'],
  ['database', 'shared'],
  ['shared', 'database'],
  ['database', `database@${EU_1}`],
  [`database@${EU_1}`, 'database'],
  ['database', 'schema'],
  ['schema', 'shared'],
] as const;
const MUST = { fence: 100, write: 500, neighbour: 1.5 };

interface Figures {
  readonly rows: number;
  readonly lost: number;
  readonly doubled: number;
  readonly different: number;
  readonly fence_ms: number;
  readonly longest_write_ms: number;
  readonly neighbour_p95_ratio: number;
  readonly seconds: number;
}

interface Tenant {
  readonly id: string;
  readonly moves: TenantMoves;
  readonly writers: Child;
}

async function main(cluster: Cluster, further: Cluster, rows: number, json: boolean): Promise<void> {
  console.log(machine(cluster.version), '\n');
  const empty = await prepareDatabase(cluster, 'bench', () => Promise.resolve());
  const other = await cluster.copy(empty, 'bench_tenant');
  const away = await further.database('bench_tenant');
  await fill(empty, { organizations: 2, members: 1, leads: 1_000 });
  const [mine, neighbour] = await administrators(empty, 2);
  if (mine === undefined || neighbour === undefined) throw new Error('there are no tenants');
  await grow(empty.superuser, mine.organizationId, rows);
  const places = await makePlaces(empty, other, away);
  const servers = { [EU_1]: away.owner };
  const product = await startProduct(empty, servers);
  const [me, them] = withTokens([mine, neighbour], await tokensFor(product, [mine, neighbour]));
  const [request] = lists(them === undefined ? [] : [them]);
  if (me === undefined || request === undefined) throw new Error('nobody can ask');
  const settings: WriterSettings = { port: product.ready.port, headers: me.headers, neighbour: request };
  const writers = await Child.start('./move/writers.js', settings);
  const pools = new Pools(
    { ...empty, servers: new Map(Object.entries(servers)) },
    { max: 2, lifetimeMs: DAY_MS, tenantMax: 2 },
  );
  const targets = { prepare: () => Promise.resolve() };
  const moves = new TenantMoves(pools, targets, { moveRetentionMs: DAY_MS });
  const directions: Record<string, Figures> = {};
  for (const [from, to] of DIRECTIONS) {
    const [source, target] = [from, to].map((kind) => places.find((place) => place.kind === kind));
    if (source === undefined || target === undefined) throw new Error('a place is missing');
    const figures = await measure({ id: mine.organizationId, moves, writers }, source, target);
    directions[`${from}-${to}`] = figures;
    console.log(lineOf(`${from} to ${to}`, figures));
  }
  await Promise.all([writers.stop(), product.stop(), pools.close()]);
  if (json) console.log(JSON.stringify({ directions }));
}

async function measure({ id, moves, writers }: Tenant, source: Place, target: Place): Promise<Figures> {
  const quiet = () => writing(writers, () => sleep(QUIET_MS));
  const earlier = await quiet();
  const before = await leadsAt(source, id);
  const moved = await writing(writers, async () => moves.run(await moves.request(id, target.id)));
  const stored = await leadsAt(target, id);
  const ledger = new Map(moved.written.ledger);
  const alive = [...ledger].filter(([, name]) => name !== null);
  const kept = [...before].filter(([lead]) => !ledger.has(lead));
  const expected = new Map([...kept, ...alive]);
  // whatever else the machine does comes and goes: it is heard on both sides of the move
  const later = await quiet();
  return {
    rows: moved.result.rowsCopied,
    lost: [...expected.keys()].filter((lead) => !stored.has(lead)).length,
    doubled: [...stored.keys()].filter((lead) => !expected.has(lead)).length,
    different: [...expected].filter(([lead, name]) => stored.has(lead) && stored.get(lead) !== name).length,
    fence_ms: moved.result.pauseMs ?? NaN,
    longest_write_ms: Math.round(moved.written.longestWriteMs),
    neighbour_p95_ratio: Math.round((100 * p95(moved)) / p95(earlier, later)) / 100,
    seconds: Math.round(moved.seconds * 10) / 10,
  };
}

interface During<Result> {
  readonly result: Result;
  readonly seconds: number;
  readonly written: Written;
}
async function writing<Result>(writers: Child, meanwhile: () => Promise<Result>): Promise<During<Result>> {
  await writers.ask({ ask: 'start' } satisfies WriterQuestion);
  await sleep(AROUND_MS);
  const began = performance.now();
  const result = await meanwhile();
  const seconds = (performance.now() - began) / 1000;
  await sleep(AROUND_MS);
  return { result, seconds, written: await writers.ask<Written>({ ask: 'stop' } satisfies WriterQuestion) };
}

/** Of the neighbour's answers. */
function p95(...during: readonly Pick<During<unknown>, 'written'>[]): number {
  const sorted = during.flatMap(({ written }) => written.neighbourMs).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] ?? NaN;
}

/** So many more leads of the tenant that moves. */
const grow = (superuser: string, organizationId: string, rows: number): Promise<void> =>
  asSuperuser(superuser, async (client) => {
    await client.query(
      `insert into shared.crm_leads (organization_id, id, name, company, email, source, status, estimated_value, currency)
       select $1, uuidv7(), 'Lead number ' || n, 'Company ' || n, 'lead' || n || '@company.example', 'web', 'new', n * 1.5, 'EUR'
       from generate_series(1, $2::int) n`,
      [organizationId, rows],
    );
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });

const lineOf = (name: string, figures: Figures): string => {
  const { rows, lost, doubled, different, fence_ms, longest_write_ms, neighbour_p95_ratio, seconds } = figures;
  const judged = (value: number, most: number, unit: string): string =>
    `${value > most ? '! ' : ''}${String(value)}${unit} (≤ ${String(most)})`;
  return [
    name.padEnd(26),
    `${String(rows)} rows in ${String(seconds)} s`,
    `lost ${String(lost)}, doubled ${String(doubled)}, different ${String(different)}`,
    `fence ${judged(fence_ms, MUST.fence, ' ms')}`,
    `longest write ${judged(longest_write_ms, MUST.write, ' ms')}`,
    `neighbour's p95 ${judged(neighbour_p95_ratio, MUST.neighbour, '')}`,
  ].join('  ');
};

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, rows: { type: 'string' } } });
const rows = Number(values.rows ?? 100_000);
if (!Number.isInteger(rows) || rows < 1) {
  console.error(USAGE);
  process.exit(1);
}
const [cluster, further] = await Promise.all([startCluster(), startCluster()]);
const stop = () => Promise.all([cluster.stop(), further.stop()]);
const end = (): void => void stop().then(() => process.exit(1));
process.once('SIGINT', end).once('SIGTERM', end);
try {
  await main(cluster, further, rows, values.json);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await stop();
}
process.exit();
