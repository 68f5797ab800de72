export interface ConfigFault {
  /** The environment variable. */
  name: string;
  /** What is wrong with it, as the rest of a sentence that begins with the name. */
  wrong: string;
  /** What to do about it: a sentence. */
  remedy: string;
}

/** The environment cannot be served. The message tells every fault, one a line: name, what is wrong, what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const count = faults.length === 1 ? 'one fault' : `${String(faults.length)} faults`;
    const lines = faults.map(({ name, wrong, remedy }) => `  ${name} ${wrong}. ${remedy}`);
    super([`The configuration has ${count}, so nothing was started:`, ...lines].join('\n'));
    this.faults = faults;
  }
}
