import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

/** Takes and ends jobs of one kind as the workers do, from queues of tenants in the order in which they were sent. */
function order(waiting: string[], turns: Turns): string[] {
  const queue = [...waiting];
  const taken: string[] = [];
  const next = (): string | undefined => {
    const index = queue.findIndex((tenant) => !turns.passed('kind').includes(tenant));
    return index === -1 ? undefined : queue.splice(index, 1)[0];
  };
  while (queue.length > 0) {
    const tenant = next() ?? (turns.endRound('kind') ? next() : undefined);
    if (tenant === undefined) break;
    turns.taken('kind', tenant);
    taken.push(tenant);
    turns.done(tenant);
  }
  return taken;
}

describe('turns', () => {
  it('give each tenant one job before any gets a second, the longest waiting first', () => {
    expect(order(['a', 'a', 'a', 'b', 'c', 'b'], new Turns(1)).join('')).toBe('abcaba');
  });

  it('let one tenant alone go on and on', () => {
    expect(order(['a', 'a', 'a'], new Turns(1)).join('')).toBe('aaa');
  });

  it('pass over who has its share running, of whatever kind, until one of them is done', () => {
    const turns = new Turns(2);
    turns.taken('kind', 'a');
    turns.taken('other', 'a');
    turns.endRound('kind');
    expect(turns.passed('kind')).toEqual(['a']);
    expect(turns.endRound('kind')).toBe(false);
    turns.done('a');
    expect(turns.passed('kind')).toEqual([]);
    turns.taken('kind', 'b');
    expect(turns.passed('other')).toEqual(['a']);
  });

  it('take kinds in turn as well', () => {
    const turns = new Turns(1);
    const taken = Array.from({ length: 4 }, () => {
      const kind = turns.kind(['x', 'y']) ?? '';
      turns.taken(kind);
      return kind;
    });
    expect(taken.join('')).toBe('xyxy');
  });
});
