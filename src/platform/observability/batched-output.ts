/** Where whole lines go: pino's own destination is one. */
export interface Sink {
  write(text: string): unknown;
  flushSync(): void;
}

/** Characters after which a batch is handed on. */
const BATCH = 16_384;
/** Milliseconds that a line waits at most. */
const DELAY = 50;

/**
 * Gathers lines before they reach the sink: at thousands of lines a second a write for each costs more than making
 * the line. What a kill -9 loses is the last 50 ms.
 */
export class BatchedOutput {
  private text = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly sink: Sink) {}

  write(line: string): void {
    this.text += line;
    if (this.text.length >= BATCH) this.handOn();
    else this.timer ??= setTimeout(this.handOn, DELAY).unref();
  }

  flushSync(): void {
    this.handOn();
    this.sink.flushSync();
  }

  private readonly handOn = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { text } = this;
    this.text = '';
    if (text) this.sink.write(text);
  };
}
