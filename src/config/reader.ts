import type { ConfigFault } from './fault.js';
import { serverSeparator } from './parsers.js';
import type { Environment, Variable } from './variable.js';

/** A variable as it is in force; `value` is '' where there is none, and never holds a secret. */
export interface Setting {
  name: string;
  value: string;
  source: 'default' | 'environment';
}

export type Env = Readonly<Record<string, string | undefined>>;

const hidden = '********';

function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:@/?]*:)[^/?]*@/, `$1${hidden}@`).replace(/([?&]password=)[^&]*/g, `$1${hidden}`);
}

function shown(text: string, secret: Variable<unknown>['secret']): string {
  if (text === '' || secret === undefined) return text;
  if (secret === 'whole') return hidden;
  const servers = text.split(serverSeparator);
  return servers.map(withoutPassword).join(',');
}

/** Reads variables one by one and collects what is wrong instead of stopping at it. */
export class EnvironmentReader {
  readonly faults: ConfigFault[] = [];
  readonly settings: Setting[] = [];
  readonly #env: Env;
  readonly #environment: Environment;

  constructor(env: Env, environment: Environment) {
    this.#env = env;
    this.#environment = environment;
  }

  /** The text of a variable, undefined when it is absent or empty: compose files pass `NAME=` for what nobody set. */
  textOf({ name }: { name: string }): string | undefined {
    const text = this.#env[name]?.trim();
    return text === '' ? undefined : text;
  }

  /** The variable's value. A faulty one is noted and answered with what it would be if it were not set, so that reading goes on. */
  read<T>(variable: Variable<T>): T {
    const text = this.textOf(variable);
    const fallback = variable.fallback(this.#environment);
    const source = text === undefined ? 'default' : 'environment';
    this.settings.push({ name: variable.name, value: shown(text ?? fallback ?? '', variable.secret), source });
    if (text === undefined) return variable.otherwise(this.#environment);
    const parsed = variable.parse(text);
    if ('value' in parsed) return parsed.value;
    const { wrong, remedy } = parsed.refusal;
    const quoted = variable.secret === undefined ? `(${JSON.stringify(text)}) ` : '';
    this.fault(
      variable,
      `${quoted}${wrong}`,
      fallback === undefined ? remedy : `${remedy} Left out, it is ${fallback}.`,
    );
    return variable.otherwise(this.#environment);
  }

  fault({ name }: { name: string }, wrong: string, remedy: string): void {
    this.faults.push({ name, wrong, remedy });
  }
}
