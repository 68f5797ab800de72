/** Exit codes of every command; docs/operations.md and --help tell them. */
export const EXIT = {
  ok: 0,
  /** A fault was found, or the work failed. */
  fault: 1,
  /** Called wrongly: an unknown command, option or name. */
  usage: 2,
  /** The configuration cannot be served. */
  configuration: 3,
  /** A database is not there, or does not let the login in. */
  unreachable: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `
Exit codes:
  0  done, nothing wrong
  1  a fault was found, or the work failed
  2  called wrongly (unknown command, option or name)
  3  the configuration cannot be served
  4  the database cannot be reached`;

/** What a person can do something about: one sentence, and a hint on what. */
export class CliError extends Error {
  constructor(
    readonly exit: ExitCode,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

export const usage = (message: string, hint?: string): CliError => new CliError(EXIT.usage, message, hint);
