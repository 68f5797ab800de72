import { CommanderError } from 'commander';
import { messageOf } from '../common/errors.js';
import { NoSeedPassword, UnknownSeeder } from '../../seeders/errors.js';
import { Problem } from '../common/problem.js';
import { ConfigError } from '../config/index.js';
import { CliError, EXIT, type ExitCode } from './exit.js';

/** An error as a person or a script is told of it. */
export interface Explanation {
  readonly exit: ExitCode;
  readonly code: 'failed' | 'usage' | 'configuration' | 'database_unreachable';
  readonly message: string;
  readonly hint?: string;
  readonly faults?: ConfigError['faults'];
}

/** What an error means to the caller of a command. Nothing of it is a stack. */
export function explain(error: unknown): Explanation {
  if (error instanceof CliError) {
    return { exit: error.exit, code: CODES[error.exit], message: error.message, ...hinted(error.hint) };
  }
  if (error instanceof CommanderError)
    return { exit: EXIT.usage, code: 'usage', message: withoutPrefix(error.message) };
  if (error instanceof UnknownSeeder) return { exit: EXIT.usage, code: 'usage', message: error.message };
  if (error instanceof ConfigError) {
    return { exit: EXIT.configuration, code: 'configuration', message: error.message, faults: error.faults };
  }
  if (error instanceof NoSeedPassword)
    return { exit: EXIT.configuration, code: 'configuration', message: error.message };
  if (hasCode(error, NOT_MIGRATED)) {
    return {
      exit: EXIT.fault,
      code: 'failed',
      message: 'The database is not migrated.',
      hint: 'Run: tenantry migrate',
    };
  }
  if (hasCode(error, ['EADDRINUSE'])) {
    return {
      exit: EXIT.fault,
      code: 'failed',
      message: sentenceOf(error),
      hint: 'Set PORT (or METRICS_PORT) to a free one.',
    };
  }
  const lost = error instanceof Problem && isParticular(error) ? undefined : unreachable(error);
  if (lost !== undefined) return lost;
  const exit = error instanceof Problem && MISTAKEN.includes(error.status) ? EXIT.usage : EXIT.fault;
  return { exit, code: CODES[exit], message: sentenceOf(error) };
}

/** It says more than its code does: what stands behind it is no connection to the database. */
const isParticular = ({ detail, definition }: Problem): boolean => detail !== (definition.detail ?? definition.title);

/** Of what was asked for, not of the work: no such thing, no such value. */
const MISTAKEN = [404, 422];

/** SQLSTATE: no such table, column, schema, function. */
const NOT_MIGRATED = ['42P01', '42703', '3F000', '42883'];
const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && (('code' in error && codes.includes(String(error.code))) || hasCode(error.cause, codes));

const CODES: Record<ExitCode, Explanation['code']> = {
  [EXIT.ok]: 'failed',
  [EXIT.fault]: 'failed',
  [EXIT.usage]: 'usage',
  [EXIT.configuration]: 'configuration',
  [EXIT.unreachable]: 'database_unreachable',
};

const hinted = (hint: string | undefined): { hint?: string } => (hint === undefined ? {} : { hint });
const withoutPrefix = (message: string): string =>
  message
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ');

function sentenceOf(error: unknown): string {
  if (error instanceof Problem) {
    const fields = (error.extras.errors ?? []).map(({ path, message }) => `${path} ${message}`);
    const told = [error.detail, ...fields].join('; ');
    return error.status < 500 || error.cause === undefined
      ? told
      : `${told.replace(/\.$/, '')}: ${messageOf(error.cause)}`;
  }
  const message = messageOf(error);
  // what frameworks add below their sentence is for their own users
  return message.split('\n\n')[0] ?? message;
}

/** Codes of the network and of PostgreSQL (SQLSTATE) with which a connection does not come about, and what helps. */
const LOST: Record<string, string> = {
  ECONNREFUSED: 'Start PostgreSQL there, or correct its address in the DATABASE_… URLs or TENANT_SERVERS.',
  ENOTFOUND: 'Correct the host in the DATABASE_… URLs or TENANT_SERVERS.',
  EAI_AGAIN:
    'The name server does not answer: try again, or correct the host in the DATABASE_… URLs or TENANT_SERVERS.',
  ETIMEDOUT: 'Look for a firewall between here and the database.',
  EHOSTUNREACH: 'Look for a firewall between here and the database.',
  ENETUNREACH: 'Look at this machine’s network.',
  ECONNRESET: 'The server ended the connection: look into its log.',
  '28P01': 'Correct the password of that login in its DATABASE_… URL.',
  '28000': 'Let that login in (pg_hba.conf, or the provider’s list of networks), or correct its DATABASE_… URL.',
  '3D000': 'Make the database, or correct its name in the DATABASE_… URLs.',
  '57P01': 'The server is being shut down: try again when it is back.',
  '57P03': 'The server is starting: try again in a moment.',
  '53300': 'The server has no connection left: raise max_connections, or lower DB_POOL_MAX.',
};
const TIMEOUT = /timeout expired|connection timeout|Connection terminated/i;

/** Through causes and the errors of an AggregateError: each address of a host that was tried has one. */
function unreachable(error: unknown): Explanation | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? String(error.code) : '';
  const hint = LOST[code] ?? (TIMEOUT.test(error.message) ? LOST['ETIMEDOUT'] : undefined);
  if (hint !== undefined) {
    const told = error instanceof AggregateError ? String(error.errors[0]) : error.message;
    const message = `The database cannot be reached: ${told.replace(/^Error: /, '') || code}.`;
    return { exit: EXIT.unreachable, code: 'database_unreachable', message, hint };
  }
  return unreachable(error.cause);
}
