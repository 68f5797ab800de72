import pg from 'pg';

/** Whole rows in the text format of COPY, as PostgreSQL wrote them. */
export interface CopiedRows {
  readonly bytes: Buffer;
  readonly count: number;
}

/** At most so many bytes are held here, and a row more; less where somebody asks for less. */
const BATCH_BYTES = 2 * 1024 * 1024;

/** The parts of pg 8.23's Connection and Query that are not in its types. */
interface Wire {
  readonly stream: { pause(): void; resume(): void; destroy(): void };
  sendCopyFromChunk(bytes: Buffer): void;
  endCopyFrom(): void;
}
type Callback = (error: Error | null) => void;
const Query = pg.Query as unknown as new (config: string, values: undefined, callback: Callback) => object;

class CopyOut extends Query {
  private parts: Buffer[] = [];
  private size = 0;
  private taking: Promise<void> = Promise.resolve();
  private failure: unknown;

  constructor(
    text: string,
    private readonly take: (rows: CopiedRows) => Promise<void>,
    private readonly batchBytes: number,
    callback: Callback,
  ) {
    super(text, undefined, callback);
  }

  /** One row. The parser uses its buffer again, so it is copied. */
  handleCopyData({ chunk }: { chunk: Buffer }, { stream }: Wire): void {
    if (this.failure !== undefined) return;
    this.parts.push(Buffer.from(chunk));
    this.size += chunk.length;
    if (this.size < this.batchBytes) return;
    stream.pause();
    this.hand(() => {
      if (this.failure === undefined) stream.resume();
      // whoever asks no more for the rest does not wait for it
      else stream.destroy();
    });
  }

  /** Gives what is left. Throws what `take` threw. */
  async over(error: Error | null): Promise<void> {
    if (error === null && this.size > 0) this.hand(() => undefined);
    await this.taking;
    if (this.failure !== undefined) throw this.failure as Error;
    if (error !== null) throw error;
  }

  private hand(then: () => void): void {
    const rows = { bytes: Buffer.concat(this.parts), count: this.parts.length };
    this.parts = [];
    this.size = 0;
    this.taking = this.taking
      .then(() => (this.failure === undefined ? this.take(rows) : undefined))
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .then(then);
  }
}

class CopyIn extends Query {
  constructor(
    text: string,
    private readonly bytes: Buffer,
    callback: Callback,
  ) {
    super(text, undefined, callback);
  }

  handleCopyInResponse(connection: Wire): void {
    connection.sendCopyFromChunk(this.bytes);
    connection.endCopyFrom();
  }
}

const submit = (client: pg.Client, query: object): void => void client.query(query as pg.Submittable);

/**
 * Runs a `copy … to stdout` and hands the rows over in batches, reading no further while one is being taken. When `take`
 * throws, the connection is cut, for the rest is under way.
 */
export function copyOut(
  client: pg.Client,
  sql: string,
  take: (rows: CopiedRows) => Promise<void>,
  batchBytes = BATCH_BYTES,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const query: CopyOut = new CopyOut(sql, take, batchBytes, (error) => {
      query.over(error).then(resolve, reject);
    });
    submit(client, query);
  });
}

/** Runs a `copy … from stdin` with rows that `copyOut` gave. */
export function copyIn(client: pg.Client, sql: string, { bytes }: CopiedRows): Promise<void> {
  return new Promise((resolve, reject) => {
    submit(
      client,
      new CopyIn(sql, bytes, (error) => {
        if (error === null) resolve();
        else reject(error);
      }),
    );
  });
}
