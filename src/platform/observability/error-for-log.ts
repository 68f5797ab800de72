/** What is written of an error. Its own properties are not copied: drivers hang rows, values and whole entities on them. */
export interface LoggedError {
  type: string;
  message: string;
  code?: string;
  constraint?: string;
  table?: string;
  stack?: string;
  cause?: LoggedError;
}

const MAX_MESSAGE = 500;
const MAX_CAUSES = 3;
/** MikroORM appends PostgreSQL's detail to the message, which has the values of the row: `Key (email)=(…) already exists`. */
const APPENDED = /\n - (detail|hint): /;

/** The error as a log line may have it; undefined for what is none. */
export function errorForLog(error: unknown, causes = MAX_CAUSES): LoggedError | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const logged: LoggedError = { type: textOf(error, 'name') ?? 'Error', message: messageOf(error) };
  for (const name of ['code', 'constraint', 'table'] as const) {
    const text = textOf(error, name);
    if (text !== undefined) logged[name] = text;
  }
  const stack = framesOf(textOf(error, 'stack'));
  if (stack) logged.stack = stack;
  const cause = causes > 0 && 'cause' in error ? errorForLog(error.cause, causes - 1) : undefined;
  if (cause) logged.cause = cause;
  return logged;
}

const messageOf = (error: object): string =>
  ((textOf(error, 'message') ?? '').split(APPENDED)[0] ?? '').slice(0, MAX_MESSAGE);

/** The frames alone: the head of a stack repeats the message. */
const framesOf = (stack: string | undefined): string | undefined =>
  stack
    ?.split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .join('\n');

function textOf(error: object, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}
