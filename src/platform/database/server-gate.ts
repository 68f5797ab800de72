/** Milliseconds for which nobody tries a server that was away. */
const AWAY_MS = 1_000;
/** SQLSTATE of a server that crashed, and of one that starts, stops or recovers: it speaks for all of its databases. */
const OF_THE_SERVER = ['57P02', '57P03'];

/**
 * Lets connections to one server be opened, a few at once. While the server is away it lets nobody through, and from time
 * to time one alone, who finds out whether it has come back.
 */
export class ServerGate {
  /** Connections to the server that somebody has. */
  leased = 0;
  private opening = 0;
  private successes = 0;
  private away: { readonly cause: unknown; readonly until: number } | undefined;

  /** @param max connections that may be on their way at once: a server that swallows them must not get them all */
  constructor(
    private readonly server: string,
    private readonly max: number,
  ) {}

  get isAway(): boolean {
    return this.away !== undefined;
  }

  /** How many more it lets through at once. */
  get free(): number {
    return (this.isAway ? 1 : this.max) - this.opening;
  }

  /** What who would open a connection now is told; undefined: he may try. */
  refusal(): Error | undefined {
    if (this.away === undefined) return undefined;
    if (this.opening === 0 && performance.now() >= this.away.until) return undefined;
    return new Error(`the server ${this.server} is away`, { cause: this.away.cause });
  }

  /** An attempt begins. Its number goes to `ended`. */
  begin(): number {
    this.opening++;
    return this.successes;
  }

  /** @param error why there is no connection; undefined: there is one */
  ended(attempt: number, error?: unknown): void {
    this.opening--;
    if (error === undefined || isOfDatabase(error)) {
      this.successes++;
      this.away = undefined;
    } else if (attempt === this.successes) {
      // one that began before another succeeded tells of a time that is over
      this.away = { cause: error, until: performance.now() + AWAY_MS };
    }
  }
}

/** Whether the server answered, and for this database alone: that it is not there, is full, or lets this login not in. */
const isOfDatabase = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'severity' in error &&
  'code' in error &&
  !OF_THE_SERVER.includes(String(error.code));
