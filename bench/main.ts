import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child.js';
import { type Cluster, type Database, startCluster } from './cluster.js';
import { measureControlPlane } from './control-plane.js';
import { administrators, DATA, fill, takeWalls } from './data.js';
import { snapshotBytes, startTime } from './footprint.js';
import type { Bench } from './measure.js';
import { type Options, readOptions, UsageError } from './options.js';
import { measurePlacement } from './placement.js';
import { prepareDatabase } from './prepare.js';
import { figure, machine, MUST, tableOf } from './report.js';
import { lists, withoutTokens, withTokens } from './requests.js';
import { type Server, startPlain, startProduct, tokensFor, usageOf } from './server.js';
import { type Callers, measureSpeed } from './speed.js';
import { measureTenants } from './tenants.js';

/** Milliseconds that a server is left alone before its memory counts as idle. */
const IDLE_MS = 2_000;
const MEGABYTE = 1024 * 1024;

const say = (...lines: string[]): void => {
  console.log(lines.join('\n'));
};

async function main(cluster: Cluster, options: Options): Promise<void> {
  say(machine(cluster.version), '');
  const bench: Bench = { cluster, generator: await Child.start('./load/generator.js', {}), ...options };
  const database = await prepareDatabase(cluster, 'bench', (empty) => fill(empty, DATA));
  const plain = await cluster.copy(database, 'floor');
  await takeWalls(plain);
  const people = await administrators(database, DATA.organizations);
  const product = await startProduct(database);
  await sleep(IDLE_MS);
  const idle = await usageOf(product);
  const guarded = withTokens(people, await tokensFor(product, people));
  const ratios = await compare(bench, plain, product, { guarded, open: withoutTokens(people) });
  const placed = await measurePlacement(bench);
  say(...tableOf(placed.lines), '');
  const tenants: Record<string, number> = {};
  for (const count of options.tenants) {
    const { lines, ratio } = await measureTenants(bench, product, guarded, count);
    say(...tableOf(lines), '');
    tenants[count] = ratio;
  }
  const loaded = await usageOf(product);
  await product.stop();
  const controlPlane = options.controlPlane ? await compareControlPlanes(bench) : undefined;
  const { bytes, snapshots } = await snapshotBytes(database);
  say(
    figure('memory idle', idle.resident / MEGABYTE, 'MB', MUST.idle),
    figure('memory under load', loaded.mostResident / MEGABYTE, 'MB', MUST.loaded),
    figure('start to first answer', await startTime(database, lists(guarded)), 'ms', MUST.start),
    figure(`a snapshot, of ${String(snapshots)}`, bytes, 'bytes', MUST.snapshot),
  );
  const added = { ...(options.tenants.length > 0 ? { tenants } : {}), control_plane: controlPlane };
  if (options.json) say(JSON.stringify({ ...ratios, placement: placed.ratios, ...added }, rounded));
}

/** The product against the floor and against what is usually written: prints the tables. */
async function compare(bench: Bench, plain: Database, product: Server, callers: Callers) {
  const floor = await startPlain('floor', plain);
  const typical = await startPlain('typical', plain);
  const { groups, ...ratios } = await measureSpeed(bench, { product, floor, typical }, callers);
  await Promise.all([floor.stop(), typical.stop()]);
  for (const group of groups) say(...tableOf(group), '');
  return ratios;
}

/** A large tenant alone and among others: prints the tables. */
async function compareControlPlanes(bench: Bench) {
  const { groups, ...ratios } = await measureControlPlane(bench);
  for (const group of groups) say(...tableOf(group), '');
  return ratios;
}

/** Figures of which the third digit says nothing. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;

async function run(options: Options): Promise<void> {
  const cluster = await startCluster();
  const end = (): void => void cluster.stop().then(() => process.exit(1));
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    await main(cluster, options);
  } finally {
    await cluster.stop();
  }
}

try {
  await run(readOptions(process.argv.slice(2)));
  process.exit(0);
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exit(1);
}
