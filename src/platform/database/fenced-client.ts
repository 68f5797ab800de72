import { createRequire } from 'node:module';
import pg from 'pg';
import type { FencedClientOptions } from './client-options.js';
import { type MakeRow, type Parsers, type RowDescription, rowMaker } from './row-maker.js';

const require = createRequire(import.meta.url);
const { prepareValue } = require('pg/lib/utils.js') as { prepareValue: (value: unknown) => unknown };

/** One SQL statement. A name makes it a prepared one, kept by each connection: the same name always carries the same text. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What is executed before a statement in the same round trip: one that `PREPARE` made at the connection's start. */
export interface Preamble {
  readonly statement: 'tenancy_enter' | 'tenancy_enter_read' | 'core_enter';
  readonly values: readonly unknown[];
}

/*
 * Prepared once a connection, so that the only Parse inside a fenced query is the statement's own and pg's bookkeeping
 * stays right. The search path is set by a second call: a function that has a `SET` clause reverts what it sets.
 */
const enter = (name: string) =>
  `tenancy.${name}($1::uuid, $2::int, $4::uuid), pg_catalog.set_config('search_path', $3::text, true)`;
const ENTER: Readonly<Record<Preamble['statement'], string>> = {
  tenancy_enter: enter('enter'),
  tenancy_enter_read: enter('enter_read'),
  core_enter: 'core.enter($1::uuid, $2::uuid, $3::text)',
};
const prepare = (name: Preamble['statement']) => `prepare ${name} as select ${ENTER[name]}`;
export const PREPARE_TENANT = `${prepare('tenancy_enter')}; ${prepare('tenancy_enter_read')}`;
export const PREPARE_CORE = prepare('core_enter');

/** Settings of one transaction, as columns of a `select`. */
const settingsOf = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `pg_catalog.set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`)
    .join(', ');

/** The parts of pg 8.23's Connection and Query that are not in its types; `test/integration/fenced-client` holds them. */
interface Wire {
  stream: { write(part: Buffer): unknown; writable: boolean };
  parsedStatements: Record<string, string>;
  submittedNamedStatements: Record<string, string>;
  bind(config: {
    statement: string | undefined;
    values: readonly unknown[];
    valueMapper: (value: unknown) => unknown;
  }): void;
  parse(config: { text: string; name: string }): void;
  execute(config: { portal: string; rows: number }): void;
  sync(): void;
}
interface QueryInternals {
  name: string | undefined;
  text: string;
  values: readonly unknown[];
  _result: { rows: object[]; _types: Parsers };
  _canceledDueToError: unknown;
  prepare(connection: Wire): void;
  handleRowDescription(message: RowDescription): void;
  handleDataRow(message: DataRow): void;
  handleCommandComplete(message: unknown, connection: Wire): void;
  handleError(error: Error, connection: Wire): void;
}
interface DataRow {
  readonly fields: readonly (string | null)[];
}
/**
 * How the rows of a connection's prepared statements are made. What is known is not described again: that is a message
 * each way and half of the client's time for a row. PostgreSQL itself refuses a statement whose columns have changed.
 */
const makersByConnection = new WeakMap<object, Map<string, MakeRow>>();

/** Called once, with an error or with what was answered. */
export type Answered = (...answer: [error: Error, result: undefined] | [error: null, result: pg.QueryResult]) => void;
const Query = pg.Query as unknown as new (config: object, values: undefined, callback: Answered) => QueryInternals;

/**
 * Sends the preamble and one statement up to a single Sync. In PostgreSQL's extended protocol that is one implicit
 * transaction and one round trip: what the preamble sets is gone when the statement is answered.
 */
class FencedQuery extends Query {
  private entered = false;
  private makers: Map<string, MakeRow> | undefined;
  private makeRow: MakeRow | undefined;

  /** @param settings sent with it, where nothing can be prepared */
  constructor(
    private readonly preamble: Preamble,
    statement: Statement,
    private readonly settings: string | undefined,
    callback: Answered,
  ) {
    super(settings === undefined ? statement : { ...statement, name: undefined }, undefined, callback);
  }

  submit(connection: Wire): Error | null {
    const known = this.name === undefined ? undefined : connection.parsedStatements[this.name];
    if (known !== undefined && known !== this.text)
      return new Error(`statement name ${String(this.name)} was used for another text`);
    const stream = connection.stream;
    const parts: Buffer[] = [];
    // six small messages as one buffer: a writev of six costs more than the copy
    connection.stream = { writable: true, write: (part: Buffer) => parts.push(part) };
    try {
      this.enter(connection);
      this.makers = makersOf(connection);
      this.makeRow = this.name === undefined ? undefined : this.makers.get(this.name);
      if (this.makeRow === undefined) this.prepare(connection);
      else this.repeat(connection);
    } finally {
      connection.stream = stream;
    }
    stream.write(Buffer.concat(parts));
    return null;
  }

  override handleRowDescription(message: RowDescription): void {
    super.handleRowDescription(message);
    if (this.name !== undefined) this.makers?.set(this.name, rowMaker(message, this._result._types));
  }

  override handleDataRow(message: DataRow): void {
    if (!this.entered) return;
    if (this.makeRow === undefined) super.handleDataRow(message);
    else if (!this._canceledDueToError) this.take(this.makeRow, message);
  }

  override handleCommandComplete(message: unknown, connection: Wire): void {
    if (this.entered) super.handleCommandComplete(message, connection);
    else this.entered = true;
  }

  override handleError(error: Error, connection: Wire): void {
    // the fence said no before the statement was parsed, or its Parse failed: the connection does not have it
    if (this.name && !connection.parsedStatements[this.name])
      Reflect.deleteProperty(connection.submittedNamedStatements, this.name);
    super.handleError(error, connection);
  }

  private enter(connection: Wire): void {
    const { statement, values } = this.preamble;
    if (this.settings !== undefined)
      connection.parse({ text: `select ${this.settings}, ${ENTER[statement]}`, name: '' });
    const prepared = this.settings === undefined ? statement : '';
    connection.bind({ statement: prepared, values, valueMapper: prepareValue });
    connection.execute({ portal: '', rows: 0 });
  }

  /** What `prepare` does, of a statement that the connection has parsed and described before. */
  private repeat(connection: Wire): void {
    try {
      connection.bind({ statement: this.name, values: this.values, valueMapper: prepareValue });
      connection.execute({ portal: '', rows: 0 });
      connection.sync();
    } catch (error) {
      // a value that cannot be written: the preamble is under way and has to be answered
      connection.sync();
      this.handleError(error as Error, connection);
    }
  }

  private take(makeRow: MakeRow, { fields }: DataRow): void {
    try {
      this._result.rows.push(makeRow(fields));
    } catch (error) {
      this._canceledDueToError = error;
    }
  }
}

function makersOf(connection: object): Map<string, MakeRow> {
  let makers = makersByConnection.get(connection);
  if (makers === undefined) makersByConnection.set(connection, (makers = new Map<string, MakeRow>()));
  return makers;
}

interface ClientInternals {
  readonly _queryable: boolean;
  readonly _ending: boolean;
  readonly connection: { readonly stream: { destroy(): void } };
}

const plainQuery = Reflect.get(pg.Client.prototype, 'query') as (...args: unknown[]) => unknown;
const NOTHING = { command: 'BEGIN', rows: [], rowCount: null, oid: 0, fields: [] };
const OPENS = /^(begin|start transaction)/i;
const CLOSES = /^(commit|rollback)\b/i;
const ROLLS_BACK = /^rollback$/i;

/** A pg client that holds BEGIN back and sends it in one message with the transaction's first statement. */
export class FencedClient extends pg.Client {
  private held: string | undefined;
  /** Set by each transaction, where there is no session to keep them. */
  private readonly settings: string | undefined;

  constructor(options: FencedClientOptions = {}) {
    super(options);
    const { perTransaction } = options;
    this.settings = perTransaction === undefined ? undefined : settingsOf(perTransaction);
  }

  /** pg's own `query`, past the one below. */
  private readonly plain = (...args: unknown[]): Promise<unknown> =>
    Reflect.apply(plainQuery, this, args) as Promise<unknown>;

  /** One statement behind its preamble. Errors are PostgreSQL's, with their SQLSTATE in `code`; none is thrown. */
  fenced(preamble: Preamble, statement: Statement, callback: Answered): void {
    try {
      void this.plain(new FencedQuery(preamble, statement, this.settings, callback));
    } catch (error) {
      callback(error as Error, undefined);
    }
  }

  /** Whether it can take another statement: neither end has closed it or is about to. */
  get isUsable(): boolean {
    const { _queryable, _ending } = this as unknown as ClientInternals;
    return _queryable && !_ending;
  }

  /** Closes it without a word to the server, which may not be there any more. What is under way fails. */
  abort(): void {
    (this as unknown as ClientInternals).connection.stream.destroy();
  }

  /** `query` as every library calls it, with BEGIN held back. */
  hold(args: unknown[]): Promise<unknown> | undefined {
    const [text, values, callback] = args;
    const begin = this.held;
    if (typeof text !== 'string' || typeof values === 'function' || typeof callback === 'function') {
      this.held = undefined;
      if (begin !== undefined) void this.plain(begin);
      return undefined;
    }
    if (OPENS.test(text)) {
      this.held = this.settings === undefined ? text : `${text}; select ${this.settings}`;
      return Promise.resolve(NOTHING);
    }
    if (begin === undefined) return ROLLS_BACK.test(text) ? this.rollBack(text) : undefined;
    this.held = undefined;
    if (CLOSES.test(text)) return Promise.resolve(NOTHING);
    if (Array.isArray(values) && values.length > 0) return this.plain(begin).then(() => this.plain(text, values));
    return this.plain(`${begin}; ${text}`).then((results) =>
      Array.isArray(results) ? (results as unknown[]).at(-1) : results,
    );
  }

  /**
   * Always succeeds: PostgreSQL rolls back when a connection ends, so one that cannot say it any more is ended. Kysely
   * would never give a connection back whose rollback has failed, and the pool would run dry.
   */
  private rollBack(text: string): Promise<unknown> {
    return this.plain(text).catch(() => {
      void this.end();
      return NOTHING;
    });
  }
}
FencedClient.prototype.query = function (this: FencedClient, ...args: unknown[]) {
  return this.hold(args) ?? Reflect.apply(plainQuery, this, args);
} as typeof FencedClient.prototype.query;
