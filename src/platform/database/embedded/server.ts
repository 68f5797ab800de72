import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterOptions } from './cluster.js';
import { launch } from './launch.js';
import type { Launch } from './launch.js';
import { lastLines, logFile, readLog } from './log-file.js';
import { choosePort, localhost } from './port.js';
import { isPostmaster, readPidFile, removeDamagedPidFile } from './postmaster.js';
import type { PidFile } from './postmaster.js';
import { LoginRefused, Presence } from './presence.js';

/** Recovery after a crash reads the log since the last checkpoint: long, after heavy writing. */
const patienceMs = 600_000;
/** For what should pass by itself: a port that was taken, processes of a killed server. */
const retryMs = 30_000;
const tellMs = 5000;
const lookMs = 25;

export interface ServerOptions extends ClusterOptions {
  settings: Readonly<Record<string, string>>;
  log: (line: string) => void;
}

export interface Server {
  pid: number;
  port: number;
  adopted: boolean;
  presence: Presence;
}

export function superuserUrl(port: number, password: string, database: string): string {
  return `postgres://postgres:${encodeURIComponent(password)}@${localhost}:${port}/${encodeURIComponent(database)}`;
}

/** Looks at the data directory until a server of it takes our login, and starts one whenever there is none. */
class Search {
  readonly #options: ServerOptions;
  readonly #since = Date.now();
  #told = Date.now();
  #child: Launch | undefined;
  #failingSince: number | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  async find(): Promise<Server> {
    for (;;) {
      const file = readPidFile(this.#options.directory);
      if (file !== undefined && isPostmaster(file.pid, this.#options.directory)) {
        const server = await this.#greet(file);
        if (server !== undefined) return server;
      } else {
        await this.#start(file);
      }
      this.#beatOrGiveUp(file);
      await sleep(lookMs);
    }
  }

  /** There is a living postmaster: of another process, of one that was killed, or our own. */
  async #greet({ pid, port, status }: PidFile): Promise<Server | undefined> {
    if (status !== 'ready') return undefined;
    const { password, directory } = this.#options;
    try {
      const presence = await Presence.open(superuserUrl(port, password, 'postgres'), pid);
      return presence === undefined ? undefined : { pid, port, presence, adopted: pid !== this.#child?.pid };
    } catch (error) {
      if (!(error instanceof LoginRefused)) throw error;
      throw new Error(
        `The PostgreSQL of ${directory} refuses the password that secrets.json beside it has. Put the secrets.json back that the folder was made with, or set DATA_DIR to a new folder.`,
        { cause: error },
      );
    }
  }

  /** There is none: starts one, unless ours is on its way. */
  async #start(file: PidFile | undefined): Promise<void> {
    const { directory } = this.#options;
    const ending = this.#child?.ending();
    if (this.#child !== undefined) {
      if (ending === undefined) return;
      this.#judge(this.#child);
      await sleep(ending === 'port taken' ? 0 : 200);
    }
    removeDamagedPidFile(directory);
    this.#child = launch({ ...this.#options, port: await choosePort(directory), stalePid: file?.pid });
  }

  #judge(child: Launch): void {
    this.#failingSince ??= Date.now();
    const ending = child.ending();
    if (ending !== 'failed' && Date.now() - this.#failingSince < retryMs) return;
    const advice =
      ending === 'remains'
        ? 'Processes of an earlier server still work on it: end them (ps -ef | grep postgres), then start again.'
        : 'Mend what it says, or set DATA_DIR to a new folder.';
    throw new Error(
      `The embedded PostgreSQL in ${this.#options.directory} does not start. ${advice} It said:\n${child.lastWords()}`,
    );
  }

  #beatOrGiveUp(file: PidFile | undefined): void {
    const { directory, log } = this.#options;
    const now = Date.now();
    if (now - this.#since > patienceMs) {
      throw new Error(
        `The PostgreSQL of ${directory} (pid ${file?.pid ?? 'unknown'}) takes no logins after ${patienceMs / 60_000} minutes. Its log ends with:\n${lastLines(readLog(directory, 0))}\n(the whole log: ${logFile(directory)})`,
      );
    }
    if (now - this.#told < tellMs) return;
    this.#told = now;
    log(`still waiting for PostgreSQL in ${directory}: ${file?.status || 'starting'} (${logFile(directory)})`);
  }
}

/** The running server of a data directory that holds a cluster; started when there is none. Throws an Error that says what to do. */
export function findOrStart(options: ServerOptions): Promise<Server> {
  return new Search(options).find();
}
