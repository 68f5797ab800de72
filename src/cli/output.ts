import { layOut } from './table.js';

/** Where a command writes: text for people or, with --json, one document and nothing else on the standard output. */
export class Output {
  private readonly writeOut: (text: string) => void;
  private drawn = '';
  private written = false;

  constructor(
    readonly json: boolean,
    readonly verbose: boolean,
  ) {
    const write = process.stdout.write.bind(process.stdout);
    this.writeOut = (text) => void write(text);
    // a library that prints must not break the document
    if (json) process.stdout.write = process.stderr.write.bind(process.stderr);
  }

  /** A line for people; beside a document it goes, with --verbose, where logs go. */
  line(text = ''): void {
    if (this.json && !this.verbose) return;
    this.undraw();
    if (this.json) process.stderr.write(`${text}\n`);
    else this.writeOut(`${text}\n`);
    this.draw(this.drawn);
  }

  /** A table for people; a document has its rows already. */
  table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
    if (!this.json && rows.length > 0) for (const line of layOut(headings, rows)) this.line(line);
  }

  error(text: string): void {
    this.clear();
    process.stderr.write(`${text}\n`);
  }

  /** The document of --json, unless there is one already. */
  document(value: unknown): void {
    if (this.json && !this.written) this.writeOut(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** A document that is meant to be piped, with --json or without. */
  raw(text: string): void {
    this.written = true;
    this.writeOut(text);
  }

  /** How far long work is: a bar, on a terminal alone. `done` of `total`; the last one takes it away. */
  progress(done: number, total: number, doing: string): void {
    if (this.json || !process.stderr.isTTY) return;
    this.undraw();
    this.drawn = done >= total ? '' : bar(done, total, doing);
    this.draw(this.drawn);
  }

  /** Takes the bar away, wherever the work has ended. */
  clear(): void {
    this.undraw();
    this.drawn = '';
  }

  private draw(text: string): void {
    if (text !== '') process.stderr.write(text);
  }
  private undraw(): void {
    if (this.drawn !== '') process.stderr.write('\r\u001b[2K');
  }
}

const WIDTH = 24;
function bar(done: number, total: number, doing: string): string {
  const full = Math.round((done / Math.max(total, 1)) * WIDTH);
  return `[${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}] ${String(done)}/${String(total)} ${doing}`.slice(0, 100);
}
