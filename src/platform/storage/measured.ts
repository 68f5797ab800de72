import { createHash } from 'node:crypto';
import type { Source, Stored } from './object-store.js';

/** Passes a source on, with what it adds up to; its errors are told apart from those of whoever takes it. */
export class Measured implements Source {
  private readonly hash = createHash('sha256');
  private bytes = 0;
  /** What the source itself failed with. */
  failure: { readonly error: unknown } | undefined;

  constructor(private readonly source: Source) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const chunks = this.source[Symbol.asyncIterator]();
    let isOver = false;
    try {
      for (;;) {
        const next = await this.next(chunks);
        isOver = next.done === true;
        if (next.done === true) return;
        this.hash.update(next.value);
        this.bytes += next.value.length;
        yield next.value;
      }
    } finally {
      // whoever stops early lets the source know
      if (!isOver) await chunks.return?.();
    }
  }

  private async next(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    try {
      return await chunks.next();
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }

  /** Once, at the end. */
  sum(): Stored {
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}
