import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JobContext } from '../../../src/platform/jobs/index.js';
import { tenancy as tenancyModule } from '../../support/dist.js';
import { makeWorld, until, type World } from './world.js';

describe('a job', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world.app.close());

  let kind: string;
  beforeEach(() => {
    kind = world.newKind();
  });

  it('runs inside the tenant that sent it, with what it was given, and is done', async () => {
    const seen: unknown[] = [];
    world.jobs.handle<{ n: number }>(kind, async (payload, { organizationId, epoch, attempt }) => {
      const leads = await world.plane.tenancy.read<{ organization_id: string }>({
        text: 'select distinct organization_id from crm_leads',
        values: [],
      });
      seen.push({
        payload,
        organizationId,
        epoch,
        attempt,
        leads,
        here: tenancyModule.currentPlacement().organizationId,
      });
    });
    const id = await world.send(world.mine, kind, { n: 1 });
    expect(await world.ended(id)).toMatchObject({ state: 'completed' });
    expect(seen).toEqual([
      {
        payload: { n: 1 },
        organizationId: world.mine.id,
        epoch: 1,
        attempt: 1,
        leads: [{ organization_id: world.mine.id }],
        here: world.mine.id,
      },
    ]);
  });

  it('is tried again when its work fails, each attempt counted, and has failed for good after the last', async () => {
    const attempts: number[] = [];
    world.jobs.handle(
      kind,
      (_, { attempt }: JobContext) => {
        attempts.push(attempt);
        return Promise.reject(new Error(`not at attempt ${String(attempt)}`));
      },
      { retries: 1 },
    );
    const id = await world.send(world.mine, kind, {});
    expect(await world.ended(id)).toMatchObject({ state: 'failed', output: { message: 'Error: not at attempt 2' } });
    expect(attempts).toEqual([1, 2]);
    // docs/operations.md has it done again
    const [, again = ''] = /^(update pgboss.job .*)'…';$/m.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
    await world.app.database.sql(`${again}$1`, [id]);
    expect(await world.ended(id)).toMatchObject({ state: 'failed', output: { message: 'Error: not at attempt 3' } });
  });

  it('is sent once while one of its key is unfinished, by tenant', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const done: string[] = [];
    world.jobs.handle(kind, async (_, { id }) => {
      await held;
      done.push(id);
    });
    const first = await world.send(world.mine, kind, {}, { key: 'nightly' });
    await until(async () => (await world.stored(first)).state === 'active');
    expect(await world.send(world.mine, kind, {}, { key: 'nightly' })).toBe(first);
    const other = await world.send(world.theirs, kind, {}, { key: 'nightly' });
    expect(other).not.toBe(first);
    release();
    await world.ended(first);
    const next = await world.send(world.mine, kind, {}, { key: 'nightly' });
    expect(next).not.toBe(first);
    await world.ended(next);
    expect(done).toEqual(expect.arrayContaining([first, other, next]));
  });
});
