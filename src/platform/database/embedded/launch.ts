import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { commandAs } from './account.js';
import { serverEnv } from './cluster.js';
import type { ClusterOptions } from './cluster.js';
import { lastLines, logFile, openLog, readLog } from './log-file.js';
import { localhost } from './port.js';

const serverSettings = {
  listen_addresses: localhost,
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  jit: 'off',
  timezone: 'UTC',
};

export interface LaunchOptions extends ClusterOptions {
  port: number;
  /** Settings of postgresql.conf over those of every embedded server. */
  settings: Readonly<Record<string, string>>;
  /** The pid in a postmaster.pid whose postmaster is gone. */
  stalePid: number | undefined;
}

/** Why a server that was started ended again. */
export type Ending =
  /** Somebody took the port in the meantime. */
  | 'port taken'
  /** Another process started one on the same directory. */
  | 'rival'
  /** Processes of a server that was killed still hold its memory. */
  | 'remains'
  /** It was told to stop. */
  | 'stopped'
  | 'failed';

export interface Launch {
  pid: number | undefined;
  /** Undefined while it runs. */
  ending(): Ending | undefined;
  /** Where the log is, and what this server wrote last. */
  lastWords(): string;
}

function endingOf(code: number | null, written: string): Ending {
  if (/could not create any TCP\/IP sockets|Address already in use/.test(written)) return 'port taken';
  if (/lock file "postmaster\.pid" already exists|lock file "postmaster\.pid" is empty/.test(written)) return 'rival';
  if (/pre-existing shared memory block/.test(written)) return 'remains';
  return code === 0 ? 'stopped' : 'failed';
}

/**
 * Starts a server in a session of its own, so that Ctrl-C in the terminal reaches node alone, which then stops it in
 * order, and so that it outlives a node that is killed.
 */
export function launch(options: LaunchOptions): Launch {
  const { directory, account, binaries, port, stalePid } = options;
  const log = openLog(directory, account);
  const settings = Object.entries({ ...serverSettings, ...options.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const command = commandAs(account, binaries.postgres, ['-D', directory, '-p', String(port), ...settings]);
  // by this variable pg_ctl tells a postmaster which living pid in an old postmaster.pid means nothing
  const env = stalePid === undefined ? serverEnv : { ...serverEnv, PG_GRANDPARENT_PID: String(stalePid) };
  const child = spawn(command.file, command.args, {
    ...command.options,
    env,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.handle, log.handle],
  });
  closeSync(log.handle);
  child.unref();
  let ending: Ending | undefined;
  let words = '';
  child.once('error', (error) => {
    ending = 'failed';
    words = error.message;
  });
  child.once('exit', (code) => {
    words = readLog(directory, log.offset);
    ending = endingOf(code, words);
  });
  return {
    pid: child.pid,
    ending: () => ending,
    lastWords: () => `${lastLines(words)}\n(the whole log: ${logFile(directory)})`,
  };
}
