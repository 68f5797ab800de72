import { describe, it, expect, beforeEach, afterEach, jest } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { newId, ZERO_ID } from '../../common/ids.js';
import { Freshness } from './freshness.js';
import { ModuleSet } from './module-set.js';
import { PermissionSet } from './permission-set.js';
import { Snapshot, type SnapshotFacts } from './snapshot.js';
import { SnapshotSource, type AccessVersions, type LoadedSnapshot } from './snapshot-source.js';
import { SnapshotLimits, Snapshots } from './snapshots.js';

const [user, organization, session] = [newId(), newId(), newId()];
const terms = () => ({
  enabledModules: {},
  subscription: null,
  planModules: new Set(['crm']),
  freeModules: new Set<string>(),
  trials: new Map<string, number>(),
  now: 0,
});
/** As a driver hands it over: one piece, where `newId` leaves a tree of pieces. */
const storedId = (): string => Buffer.from(newId()).toString('latin1');
/** Lets go what waits for `gate`. */
const gate = (): { gate: Promise<void>; open: () => void } => {
  let open = (): void => {};
  const waiting = new Promise<void>((resolve) => (open = resolve));
  return { gate: waiting, open };
};
/** As a source makes it: nothing in it is shared yet. */
const snapshotOf = (userId: string, organizationId: string | null, over: Partial<SnapshotFacts> = {}): Snapshot =>
  Snapshot.of({
    userId,
    tenant:
      organizationId === null
        ? null
        : {
            organizationId,
            code: 'acme',
            status: 'active',
            asksReason: false,
            modules: ModuleSet.decide(terms()).modules,
            placement: { organizationId, epoch: 1, server: 'main', database: 'tenantry', schema: 'shared' },
          },
    standing: {
      platform: organizationId === null,
      superuser: false,
      userStatus: 'active',
      memberStatus: 'active',
      roleCodes: ['user'],
      priority: 12,
      recordScope: 'own',
      permissions: PermissionSet.of([{ code: 'crm.read', scope: 'own' }]),
    },
    sessions: [session],
    validUntil: Infinity,
    ...over,
  });

/** A source whose answers wait until the test lets them go. */
class HeldSource extends SnapshotSource {
  readonly asked: (string | null)[][] = [];
  versions: AccessVersions = { organization: '1', everything: '1' };
  answer: (userId: string, organizationId: string | null) => Snapshot | undefined = snapshotOf;
  team: readonly string[] = [];
  gate: Promise<void> = Promise.resolve();

  async load(
    userId: string,
    organizationId: string | null,
    sessionId: string | null,
  ): Promise<LoadedSnapshot | undefined> {
    this.asked.push([userId, organizationId, sessionId]);
    const { versions } = this;
    const snapshot = this.answer(userId, organizationId);
    await this.gate;
    return snapshot && { snapshot, versions };
  }

  async teamOf(): Promise<readonly string[]> {
    const { team } = this;
    await this.gate;
    return team;
  }
}

describe('Snapshots', () => {
  let source: HeldSource;
  let freshness: Freshness;
  let snapshots: Snapshots;
  const known = () => snapshots.peek(user, organization);
  const load = () => snapshots.load(user, organization, session);
  beforeEach(() => {
    source = new HeldSource();
    freshness = new Freshness();
    freshness.trust(new Map());
    snapshots = new Snapshots(source, freshness);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('answers from memory after the first load', async () => {
    expect(known()).toBeUndefined();
    const loaded = await load();
    expect(loaded).toBeInstanceOf(Snapshot);
    expect(known()).toBe(loaded);
    expect(snapshots.peek(user, newId())).toBeUndefined();
    expect(snapshots.peek(user, null)).toBeUndefined();
    expect(source.asked).toEqual([[user, organization, session]]);
    expect(snapshots).toMatchObject({ hits: 1, misses: 3, loads: 1 });
  });

  it('keeps the snapshots of one person in several tenants apart', async () => {
    const [platform, here] = [await snapshots.load(user, null, null), await load()];
    expect(snapshots.peek(user, null)).toBe(platform);
    expect(known()).toBe(here);
    expect(platform?.organizationId).toBeNull();
    expect(here?.organizationId).toBe(organization);
  });

  it('loads once for all who ask at the same time', async () => {
    const all = await Promise.all([load(), load(), load()]);
    expect(new Set(all).size).toBe(1);
    expect(snapshots.loads).toBe(1);
    await load();
    expect(snapshots.loads).toBe(2);
  });

  it('hands a failure to all who wait, and tries again for the next', async () => {
    source.gate = Promise.reject(new Error('the database is gone'));
    await expect(Promise.all([load(), load()])).rejects.toThrow('the database is gone');
    source.gate = Promise.resolve();
    await expect(load()).resolves.toBeInstanceOf(Snapshot);
    expect(snapshots.loads).toBe(2);
  });

  it.each([
    ['that organization', organization],
    ['everything', ZERO_ID],
  ])('forgets at a change of %s', async (_, changed) => {
    await load();
    freshness.drop(changed);
    expect(known()).toBeUndefined();
    await load();
    expect(known()).toBeDefined();
  });

  it('keeps what belongs to others at a change', async () => {
    await load();
    freshness.drop(newId());
    expect(known()).toBeDefined();
  });

  it('uses once and does not keep what was read while something changed', async () => {
    const { gate: closed, open } = gate();
    source.gate = closed;
    const before = load();
    freshness.drop(organization);
    const after = load();
    expect(snapshots.loads).toBe(2);
    open();
    expect(await before).toBeInstanceOf(Snapshot);
    expect(known()).toBe(await after);
  });

  it('trusts nothing while changes go unheard, and keeps nothing that is read then', async () => {
    await load();
    freshness.distrust();
    expect(known()).toBeUndefined();
    await load();
    expect(known()).toBeUndefined();
    freshness.trust(
      new Map([
        [ZERO_ID, '1'],
        [organization, '2'],
      ]),
    );
    expect(known()).toBeUndefined();
  });

  it('has through an interruption what did not change meanwhile', async () => {
    await load();
    freshness.distrust();
    freshness.trust(
      new Map([
        [ZERO_ID, '1'],
        [organization, '1'],
      ]),
    );
    expect(known()).toBeDefined();
    expect(snapshots.loads).toBe(1);
  });

  it('forgets when the clock may have changed the answer', async () => {
    jest.useFakeTimers({ now: 1_000, doNotFake: ['nextTick', 'setImmediate'] });
    source.answer = () => snapshotOf(user, organization, { validUntil: 2_000 });
    await load();
    jest.setSystemTime(1_999);
    expect(known()).toBeDefined();
    jest.setSystemTime(2_000);
    expect(known()).toBeUndefined();
  });

  it('answers nothing for nobody, and drops what it had of him', async () => {
    await load();
    source.answer = () => undefined;
    expect(await load()).toBeUndefined();
    expect(known()).toBeUndefined();
  });

  it('remembers a session that was found ended, in that tenant and until something changes', async () => {
    const ended = newId();
    await snapshots.load(user, organization, ended);
    await load();
    expect(snapshots.hasEnded(user, organization, ended)).toBe(true);
    expect(snapshots.hasEnded(user, null, ended)).toBe(false);
    expect(snapshots.hasEnded(user, organization, session)).toBe(false);
    freshness.drop(organization);
    expect(snapshots.hasEnded(user, organization, ended)).toBe(false);
  });

  it('has himself and those under him, from memory until something changes', async () => {
    const [below, later] = [newId(), newId()];
    source.team = [below];
    expect(await snapshots.teamOf(user, organization)).toEqual([user, below]);
    source.team = [below, later];
    expect(snapshots.teamOf(user, organization)).toEqual([user, below]);
    freshness.drop(organization);
    expect(await snapshots.teamOf(user, organization)).toEqual([user, below, later]);
    freshness.distrust();
    freshness.trust(
      new Map([
        [ZERO_ID, '1'],
        [organization, '1'],
      ]),
    );
    source.team = [];
    expect(await snapshots.teamOf(user, organization)).toEqual([user]);
  });

  it('does not keep a team that was read while something changed', async () => {
    const { gate: closed, open } = gate();
    source.gate = closed;
    source.team = [newId()];
    const before = snapshots.teamOf(user, organization);
    freshness.drop(organization);
    open();
    expect(await before).toHaveLength(2);
    source.team = [];
    expect(await snapshots.teamOf(user, organization)).toEqual([user]);
  });

  it('never takes more bytes than it may', async () => {
    const limits = Object.assign(new SnapshotLimits(), { snapshots: 10_000 });
    snapshots = new Snapshots(source, freshness, limits);
    for (let made = 0; made < 100; made++) await snapshots.load(newId(), organization, null);
    expect(snapshots.size.bytes).toBeLessThanOrEqual(10_000);
    expect(snapshots.size.bytes).toBeGreaterThan(5_000);
  });

  it.each([
    ['many people of a few tenants', 20, 500],
    ['one person of each tenant', 21_000, 800],
  ])('takes a few hundred bytes for each, and no more than it accounts for: %s', async (_, tenants, most) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    source.answer = (userId, organizationId) => snapshotOf(userId, organizationId, { sessions: [storedId()] });
    const organizations = Array.from({ length: tenants }, storedId);
    let made = 0;
    const fill = async (people: number): Promise<number> => {
      for (const end = made + people; made < end; made++)
        await snapshots.load(storedId(), organizations[made % tenants] ?? '', null);
      source.asked.length = 0;
      collect();
      return process.memoryUsage().heapUsed;
    };
    const [before, accounted] = [await fill(1_000), snapshots.size.bytes];
    const each = ((await fill(20_000)) - before) / 20_000;
    expect(each).toBeLessThan(most);
    expect(each).toBeLessThan((1.1 * (snapshots.size.bytes - accounted)) / 20_000);
  });
});
