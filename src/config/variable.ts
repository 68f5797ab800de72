import type { Parsed, Parser } from './parsers.js';

export type Environment = 'development' | 'test' | 'production';
/** The default as it would stand in the environment; undefined: none. */
type Fallback = string | undefined | Partial<Record<Environment, string>>;

/** One environment variable: the reader, .env.example and `tenantry config` all go by this. */
export interface Variable<T> {
  name: string;
  /** One line of explanation. */
  sentence: string;
  parse: Parser<T>;
  fallback(environment: Environment): string | undefined;
  /** The value when the variable is not set. */
  otherwise(environment: Environment): T;
  /** What is hidden when it is shown: all of it, or the password inside its URLs. */
  secret: 'whole' | 'password' | undefined;
  /** What .env.example has in the place of a default. */
  example: string | undefined;
}

interface Extras {
  secret?: 'whole' | 'password';
  example?: string;
}

function fallbackOf(fallback: Fallback): (environment: Environment) => string | undefined {
  return (environment) => (typeof fallback === 'object' ? fallback[environment] : fallback);
}

function valueOf<T>(name: string, parsed: Parsed<T>): T {
  if ('value' in parsed) return parsed.value;
  throw new Error(`the default of ${name} ${parsed.refusal.wrong}`);
}

/** A variable that always has a value. */
export function variable<T>(
  name: string,
  parse: Parser<T>,
  fallback: string | Record<Environment, string>,
  sentence: string,
  { secret, example }: Extras = {},
): Variable<T> {
  const textFor = (environment: Environment): string =>
    typeof fallback === 'string' ? fallback : fallback[environment];
  const otherwise = (environment: Environment): T => valueOf(name, parse(textFor(environment)));
  return { name, sentence, parse, fallback: textFor, otherwise, secret, example };
}

/** A variable that may have no value. */
export function optional<T>(
  name: string,
  parse: Parser<T>,
  sentence: string,
  { fallback, secret, example }: Extras & { fallback?: Fallback } = {},
): Variable<T | undefined> {
  const textFor = fallbackOf(fallback);
  const otherwise = (environment: Environment): T | undefined => {
    const text = textFor(environment);
    return text === undefined ? undefined : valueOf(name, parse(text));
  };
  return { name, sentence, parse, fallback: textFor, otherwise, secret, example };
}
