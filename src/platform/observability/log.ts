import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino, type Level, type Logger } from 'pino';
import type { Config } from '../../config/index.js';
import { BatchedOutput, type Sink } from './batched-output.js';
import { errorForLog } from './error-for-log.js';

export type LogOptions = Pick<Config, 'logLevel' | 'logFile' | 'logPretty'>;

/** Characters that may wait for a reader that has stopped reading; more are dropped rather than fill the memory. */
const MAX_WAITING = 16 * 1024 * 1024;
const STDOUT = 1;

/** Names whose values never reach the log, at the top of a line and two levels down. */
const SECRET = [
  ...['authorization', 'cookie', 'password', 'secret', 'token', 'otp', 'key', 'credentials'],
  ...['access_token', 'refresh_token', 'accessToken', 'refreshToken', 'api_key', 'apiKey', 'hashed_password'],
  ...['hashedPassword', 'new_password', 'current_password', 'secretKey', 'encryptionKey', 'databaseUrl'],
];
const BRACKETED = ['["x-api-key"]', '["set-cookie"]'];
const REDACTED = [
  ...SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  ...BRACKETED.flatMap((name) => [name, `*${name}`, `*.*${name}`]),
];

/** The log of one process: lines of JSON, `level`, `time` (RFC 3339) and `msg` beside their own fields. */
export interface Log {
  readonly logger: Logger;
  isEnabled(level: Level): boolean;
  /** A finished line past pino, for the one that is written for each request. */
  writeLine(line: string): void;
  /** Writes what waits, at once; the end of the process does it too. */
  flush(): void;
}

/** To stdout, readable when `logPretty`; to `logFile` as JSON besides, when there is one. */
export async function createLog(options: LogOptions, stdout?: Sink): Promise<Log> {
  const outputs: Sink[] = [stdout ?? (options.logPretty ? await prettyOutput() : new BatchedOutput(sinkOf(STDOUT)))];
  if (options.logFile !== undefined) outputs.push(new BatchedOutput(sinkOf(openLogFile(options.logFile))));
  const writeLine = (line: string): void => {
    for (const output of outputs) output.write(line);
  };
  const flush = (): void => {
    for (const output of outputs) output.flushSync();
  };
  const logger = pino(
    {
      level: options.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
      serializers: { err: (error: unknown) => errorForLog(error) },
    },
    { write: writeLine },
  );
  flushAtExit(flush);
  return { logger, isEnabled: (level) => logger.isLevelEnabled(level), writeLine, flush };
}

const unflushed = new Set<() => void>();
/** One listener however many logs there are: tests make many. */
function flushAtExit(flush: () => void): void {
  if (unflushed.size === 0) process.once('exit', () => unflushed.forEach((each) => each()));
  unflushed.add(flush);
}

const sinkOf = (fd: number): Sink => pino.destination({ fd, sync: false, maxLength: MAX_WAITING });

/** Opened here rather than by pino: a path that cannot be written stops the boot. */
function openLogFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a');
}

/** Lines for people. Loaded only where wanted: it costs memory and time. */
async function prettyOutput(): Promise<Sink> {
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    colorize: process.stdout.isTTY,
    destination: STDOUT,
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    // they stand in the message of a request's line
    ignore: 'method,path,route,status,duration_ms',
    messageFormat: prettyMessage,
  });
  return { write: (line) => stream.write(line), flushSync: () => undefined };
}

function prettyMessage(line: Record<string, unknown>): string {
  const { msg, method, path, status, duration_ms: duration } = line;
  return (method === undefined ? [msg] : [method, path, status, `${String(duration)} ms`]).map(String).join(' ');
}
