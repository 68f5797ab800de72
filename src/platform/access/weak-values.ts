/**
 * A map that holds its values weakly and forgets those that nobody else holds. With content as the key it gives one
 * object for equal content: a thousand snapshots with the same rights share one set of them.
 */
export class WeakValues<T extends object> {
  private readonly references = new Map<string, WeakRef<T>>();
  private readonly collected = new FinalizationRegistry<string>((key) => {
    // a newer value may stand under the key by now
    if (this.references.get(key)?.deref() === undefined) this.references.delete(key);
  });

  get size(): number {
    return this.references.size;
  }

  get(key: string): T | undefined {
    return this.references.get(key)?.deref();
  }

  /** The value under the key; made when there is none. */
  getOrMake(key: string, make: () => T): T {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.references.set(key, new WeakRef(made));
    this.collected.register(made, key);
    return made;
  }

  delete(key: string): void {
    this.references.delete(key);
  }

  clear(): void {
    this.references.clear();
  }

  /** Those that are still held. */
  *entries(): Generator<[string, T]> {
    for (const [key, reference] of this.references) {
      const value = reference.deref();
      if (value !== undefined) yield [key, value];
    }
  }
}
