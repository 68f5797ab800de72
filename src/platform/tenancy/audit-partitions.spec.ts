import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Pools } from '../database/index.js';
import { AuditPartitions } from './audit-partitions.js';
import type { Placements, ServedLocation } from './placements.js';

const LOCATIONS = Array.from({ length: 1_000 }, (_, n): ServedLocation => {
  return { isShared: false, server: 'main', database: `tenant_${String(n)}`, schema: 'tenant' };
});

/** A fleet whose databases take 10 ms each; gives where partitions were made. */
function fleet() {
  const made: string[] = [];
  const pools = {
    main: { server: 'main', database: 'main' },
    get: (_login: string, { database }: { database: string }) => ({
      query: async () => {
        await sleep(10);
        made.push(database);
      },
    }),
  };
  const placements = { locations: () => Promise.resolve(LOCATIONS) };
  return { made, partitions: new AuditPartitions(pools as unknown as Pools, placements as unknown as Placements) };
}

describe('partitions of the audit logs of a fleet', () => {
  it('keep no process from ending: it makes the one that is under way, and no other', async () => {
    const { made, partitions } = fleet();
    partitions.onApplicationBootstrap();
    await sleep(50);
    const before = made.length;
    await partitions.beforeApplicationShutdown();
    expect(before).toBeGreaterThan(0);
    expect(made.length).toBeLessThanOrEqual(before + 1);
  });
});
