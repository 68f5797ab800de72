import { availableParallelism, cpus, loadavg } from 'node:os';
import { median, type Ratios, type Sample } from './measure.js';

/** One line of the table. */
export interface Line {
  readonly name: string;
  readonly samples: readonly Sample[];
  /** Against the base of its group; left out for the base itself. */
  readonly ratios?: Ratios;
  /** What is asked of it. */
  readonly must?: Must;
}
export interface Must {
  /** At least. */
  readonly ratio?: number;
  /** At most. */
  readonly cpu?: number;
  readonly p99?: number;
}

/** What each measurement has to reach. */
export const MUST = {
  list: { ratio: 0.7, cpu: 1.4, p99: 2 },
  get: { ratio: 0.6, cpu: 1.75 },
  create: { ratio: 0.5, cpu: 2.3 },
  create_unit: { ratio: 0.2 },
  typical: { ratio: 4 },
  tenants: { ratio: 0.9 },
  placement: { ratio: 0.9 },
  /** A call takes at most 1.3 times as long: so many connections wait for their answers that a ratio tells it upside down. */
  control_plane: { ratio: 1 / 1.3, cpu: 1.3 },
  /** Megabytes, milliseconds, bytes: at most. */
  idle: 180,
  loaded: 400,
  start: 2500,
  snapshot: 500,
} satisfies Record<string, Must | number>;

const COLUMNS = ['', 'requests/s', 'ratio', 'CPU µs', 'ratio', 'p50 ms', 'p99 ms', 'ratio', 'PostgreSQL µs', 'load µs'];

/** A group of lines that share a base, as a table. */
export function tableOf(lines: readonly Line[]): string[] {
  const rows = [COLUMNS, ...lines.map(cellsOf)];
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
}

function cellsOf({ name, samples, ratios, must = {} }: Line): string[] {
  const of = (pick: (sample: Sample) => number | undefined, digits: number): string =>
    median(samples.map((sample) => pick(sample) ?? NaN)).toFixed(digits);
  return [
    name,
    of((sample) => sample.perSecond, 0),
    judged(ratios?.ratio, must.ratio, '≥'),
    of((sample) => sample.cpu, 0),
    judged(ratios?.cpu_ratio, must.cpu, '≤'),
    of((sample) => sample.p50, 1),
    of((sample) => sample.p99, 1),
    judged(ratios?.p99_ratio, must.p99, '≤'),
    of((sample) => sample.postgresCpu, 0),
    of((sample) => sample.loadCpu, 0),
  ];
}

/** `0.78 (≥ 0.70)`; what misses its target is marked. */
function judged(value: number | undefined, must: number | undefined, sign: '≥' | '≤'): string {
  if (value === undefined) return '';
  if (must === undefined) return value.toFixed(2);
  const meets = sign === '≥' ? value >= must : value <= must;
  return `${meets ? '' : '! '}${value.toFixed(2)} (${sign} ${must.toFixed(2)})`;
}

/** A figure of its own, with the most it may be. */
export const figure = (name: string, value: number, unit: string, most: number): string =>
  `${name.padEnd(24)} ${value > most ? '! ' : ''}${value.toFixed(0)} ${unit} (≤ ${String(most)})`;

/** Where the figures come from, and what else the machine did as they began. */
export const machine = (postgres: string): string =>
  [
    `${String(availableParallelism())} cores (${cpus()[0]?.model ?? 'unknown'})`,
    `${process.platform} ${process.arch}`,
    `Node ${process.versions.node}`,
    postgres,
    `load ${(loadavg()[0] ?? 0).toFixed(1)}`,
    new Date().toISOString().slice(0, 10),
  ].join(', ');
