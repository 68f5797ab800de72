import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Problem } from '../../common/problem.js';
import type { Config } from '../../config/index.js';
import { tryStorage } from '../../platform/storage/index.js';
import { connected } from '../connected.js';
import { explain } from '../explain.js';
import { fault, type Finding, note, ok } from './finding.js';

/** What PostgreSQL 16 brought that is leaned on: grants of membership without inheritance, and its row-level security. */
const OLDEST = 160_000;

export async function serverVersion(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ number: number; text: string; database: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as text, current_database() as database`,
  );
  const [{ number, text, database } = { number: 0, text: '', database: '' }] = rows;
  const found = `PostgreSQL ${text}, database ${database}`;
  return number >= OLDEST
    ? ok('database', found)
    : fault('database', found, 'Move to PostgreSQL 16 or newer (18 is what it is tested with).');
}

/** Milliseconds by which clocks may differ before tokens and trials are told otherwise than they are. */
const SKEW_MS = 2_000;
const TRIES = 5;

/** The database's clock against this machine's: the shortest of a few questions, half of its way taken off. */
export async function clock(client: pg.Client): Promise<Finding> {
  let best = { trip: Infinity, skew: 0 };
  for (let i = 0; i < TRIES; i++) {
    const asked = Date.now();
    const { rows } = await client.query<{ now: string }>(
      `select (extract(epoch from clock_timestamp()) * 1000)::text as now`,
    );
    const trip = Date.now() - asked;
    if (trip < best.trip) best = { trip, skew: Number(rows[0]?.now) - asked - trip / 2 };
  }
  const skew = Math.round(best.skew);
  const found = `the database’s is ${String(Math.abs(skew))} ms ${skew < 0 ? 'behind' : 'ahead of'} this machine’s`;
  return Math.abs(skew) <= SKEW_MS
    ? ok('clock', found)
    : fault('clock', found, 'Let both machines take their time from NTP.');
}

const HEARD_MS = 2_000;

/** Whether a notification gets through: behind a pooler in transaction mode it does not. */
export async function listens(url: string): Promise<Finding> {
  const channel = `doctor_${String(process.pid)}`;
  const heard = await connected(url, async (listener) => {
    const notified = new Promise<true>((resolve) => listener.once('notification', () => resolve(true)));
    await listener.query(`listen ${channel}`);
    await connected(url, (speaker) => speaker.query(`notify ${channel}`));
    return Promise.race([notified, sleep(HEARD_MS, false)]);
  });
  if (heard) return ok('LISTEN', 'notifications get through');
  return fault(
    'LISTEN',
    'no notification came',
    'Give DATABASE_PLATFORM_URL a direct connection: a pooler in transaction mode swallows LISTEN.',
  );
}

export const smtp = (isSet: boolean): Finding =>
  note('SMTP', isSet ? 'configured, not tried' : 'not configured: mails go to the log');

/** Whether a file can be stored, read and deleted, as the product does it. */
export async function storage({ s3, dataDir }: Pick<Config, 's3' | 'dataDir'>): Promise<Finding> {
  const place = s3 === undefined ? `the local disk, ${dataDir}/storage` : `the bucket ${s3.bucket}`;
  try {
    await tryStorage({ s3, dataDir });
    return ok('storage', `${place}: stored, read and deleted a file`);
  } catch (error) {
    // what people are told of it is little
    const { message } = error instanceof Problem && error.cause instanceof Error ? error.cause : explain(error);
    return fault(
      'storage',
      `${place}: ${message}`,
      s3 === undefined ? 'Let the process write to DATA_DIR.' : 'Mend S3_…, the bucket, or what its keys may do.',
    );
  }
}
