import type { Child } from './child.js';
import type { Cluster } from './cluster.js';
import type { Load, LoadResult } from './load/generator.js';
import type { LoadRequest } from './load/request.js';
import { type Server, usageOf } from './server.js';

/** One thing that is measured: a server and what it is asked. */
export interface Side {
  readonly name: string;
  readonly server: Server;
  readonly requests: readonly LoadRequest[];
}

/** One measurement. CPU is in microseconds for each request: of the server's process, of PostgreSQL, of the load. */
export interface Sample {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  readonly postgresCpu: number | undefined;
  readonly loadCpu: number;
}

const CONNECTIONS = 32;
/** Rounds that are not counted: until V8 has compiled what is called often, it competes with the server for the cores. */
const WARM_UP = 3;

export interface Bench {
  readonly cluster: Cluster;
  readonly generator: Child;
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * Measures all sides in turn, once a round, every other round backwards: whatever else the machine does meanwhile falls
 * on all of them.
 */
export async function measure(bench: Bench, sides: readonly Side[]): Promise<Map<Side, Sample[]>> {
  const samples = new Map<Side, Sample[]>(sides.map((side) => [side, []]));
  for (let round = 0; round < WARM_UP; round++) for (const side of sides) await sampleOf(bench, side);
  for (let round = 0; round < bench.rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed())
      samples.get(side)?.push(await sampleOf(bench, side));
  }
  return samples;
}

async function sampleOf({ cluster, generator, seconds }: Bench, { name, server, requests }: Side): Promise<Sample> {
  const load: Load = { port: server.ready.port, requests, connections: CONNECTIONS, seconds };
  const [before, postgresBefore] = [await usageOf(server), await cluster.cpu()];
  const result = await generator.ask<LoadResult>(load);
  const [after, postgresAfter] = [await usageOf(server), await cluster.cpu()];
  if (Object.keys(result.refused).length > 0)
    throw new Error(`${name} refused requests: ${JSON.stringify(result.refused)} of ${String(result.answers)}`);
  const each = (from = 0, to = 0): number => (to - from) / result.answers;
  return {
    perSecond: result.perSecond,
    p50: result.p50,
    p99: result.p99,
    cpu: each(before.cpu, after.cpu),
    postgresCpu: postgresBefore === undefined ? undefined : each(postgresBefore, postgresAfter),
    loadCpu: result.cpu,
  };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** One side against another, round by round: the medians of the rounds' ratios. */
export interface Ratios {
  /** Of requests a second: below 1 is slower. */
  readonly ratio: number;
  readonly cpu_ratio: number;
  readonly p99_ratio: number;
}

export function ratiosOf(samples: readonly Sample[], floor: readonly Sample[]): Ratios {
  const ratio = (of: (sample: Sample) => number): number =>
    median(samples.flatMap((sample, round) => (floor[round] === undefined ? [] : [of(sample) / of(floor[round])])));
  return {
    ratio: ratio(({ perSecond }) => perSecond),
    cpu_ratio: ratio(({ cpu }) => cpu),
    p99_ratio: ratio(({ p99 }) => p99),
  };
}
