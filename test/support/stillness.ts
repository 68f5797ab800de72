/**
 * Holds moves off while somebody looks past all fences: plain SQL of a test goes to where the tenant was a moment before.
 * Who looks never waits for a move that has not begun.
 */
export class Stillness {
  /** Ends the moves. */
  end: () => Promise<void> = () => Promise.resolve();
  private looking = 0;
  private moving: Promise<void> = Promise.resolve();
  private atRest: Promise<undefined> = Promise.resolve(undefined);
  private rest = (): void => undefined;

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.looking++ === 0) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      [this.atRest, this.rest] = [promise, () => resolve(undefined)];
    }
    try {
      await this.moving;
      return await work();
    } finally {
      if (--this.looking === 0) this.rest();
    }
  }

  /** One at a time. */
  async move(work: () => Promise<void>): Promise<void> {
    while (this.looking > 0) await this.atRest;
    this.moving = work().catch(() => undefined);
    await this.moving;
  }
}
