/** More than the queue holds were waiting already. */
export class QueueFull extends Error {}

/** Runs so many pieces of work at once, lets so many more wait in their order, and turns the rest away. */
export class BoundedQueue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly atMostWaiting: number,
  ) {}

  /** @throws QueueFull at once, without having run the work */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.atOnce) this.running++;
    else await this.turn();
    try {
      return await work();
    } finally {
      // the place goes to the first who waits, and stays taken
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.atMostWaiting) throw new QueueFull(`${this.waiting.length} are waiting`);
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
