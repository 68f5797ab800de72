import { LRUCache } from 'lru-cache';
import type { Stamp } from './freshness.js';

/** Something read about a person in a tenant (null: in none), under the stamp of that tenant. */
export interface Kept<T> {
  readonly organizationId: string | null;
  readonly value: T;
  readonly stamp: Stamp;
  /** what it takes of the cache's bounds */
  readonly bytes: number;
}
interface Link<T> extends Kept<T> {
  /** the same person in another tenant */
  next: Link<T> | undefined;
}

/** Of how many tenants something is kept for one person; only a platform user is in more. */
const MAX_TENANTS = 8;

/**
 * An LRU bounded in bytes, by person. The tenants of a person hang on one entry, since nearly everybody has one: a key
 * joined from two ids would cost half a microsecond each time it is looked up, and a hundred bytes.
 */
export class PersonCache<T> {
  private readonly people: LRUCache<string, Link<T>>;

  /** @param maxBytes the sum of `bytes` that is never passed */
  constructor(maxBytes: number) {
    this.people = new LRUCache({ maxSize: maxBytes });
  }

  get size(): { readonly bytes: number; readonly people: number } {
    return { bytes: this.people.calculatedSize, people: this.people.size };
  }

  get(userId: string, organizationId: string | null): Kept<T> | undefined {
    let link = this.people.get(userId);
    while (link !== undefined && link.organizationId !== organizationId) link = link.next;
    return link;
  }

  set(userId: string, kept: Kept<T>): void {
    const others = this.othersOf(userId, kept.organizationId).filter(({ stamp }) => stamp.fresh);
    this.store(userId, [kept, ...others.slice(0, MAX_TENANTS - 1)]);
  }

  delete(userId: string, organizationId: string | null): void {
    this.store(userId, this.othersOf(userId, organizationId));
  }

  private othersOf(userId: string, organizationId: string | null): Kept<T>[] {
    const others: Kept<T>[] = [];
    for (let link = this.people.peek(userId); link !== undefined; link = link.next)
      if (link.organizationId !== organizationId) others.push(link);
    return others;
  }

  private store(userId: string, all: readonly Kept<T>[]): void {
    let first: Link<T> | undefined;
    let size = 0;
    for (const { organizationId, value, stamp, bytes } of [...all].reverse()) {
      first = { organizationId, value, stamp, bytes, next: first };
      size += bytes;
    }
    if (first === undefined) this.people.delete(userId);
    else this.people.set(userId, first, { size });
  }
}
