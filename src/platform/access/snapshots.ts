import { Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Freshness, type Stamp } from './freshness.js';
import { PersonCache, type Kept } from './person-cache.js';
import type { Snapshot } from './snapshot.js';
import { SnapshotSource } from './snapshot-source.js';

/** Bounds of what is kept in memory, in bytes. */
export class SnapshotLimits {
  snapshots = 32 * 1024 * 1024;
  teams = 8 * 1024 * 1024;
  /** a number: how many ended sessions are remembered, so that their tokens cost no query each */
  endedSessions = 10_000;
}

/** Read without a version: good until changes go unheard. */
interface Team {
  /** himself and everybody under him */
  readonly ids: readonly string[];
  readonly period: number;
}
interface Load {
  readonly promise: Promise<Snapshot | undefined>;
  readonly stamp: Stamp;
}

/** Bytes of what the people of a tenant share, measured; counted with the first of them. */
const TENANT_BYTES = 350;
/** Bytes of a team with its key and its place in the cache, and of each id in it. */
const TEAM_BYTES = 400;
const ID_BYTES = 64;

/** The snapshots of this node: from memory while they are fresh, else from the database, once for all who wait. */
@Injectable()
export class Snapshots {
  hits = 0;
  misses = 0;
  loads = 0;
  private readonly kept: PersonCache<Snapshot>;
  private readonly teams: PersonCache<Team>;
  private readonly ended: LRUCache<string, Stamp>;
  private readonly loading = new Map<string, Load>();

  constructor(
    private readonly source: SnapshotSource,
    private readonly freshness: Freshness,
    @Optional() limits: SnapshotLimits = new SnapshotLimits(),
  ) {
    this.kept = new PersonCache(limits.snapshots);
    this.teams = new PersonCache(limits.teams);
    this.ended = new LRUCache({ max: limits.endedSessions });
  }

  /** Of what is kept: bytes by the accounts of the cache, and the people whom it is about. */
  get size(): { readonly bytes: number; readonly people: number } {
    return this.kept.size;
  }

  /** From memory, or undefined: then `load`. */
  peek(userId: string, organizationId: string | null): Snapshot | undefined {
    const snapshot = this.fresh(this.kept.get(userId, organizationId));
    if (snapshot === undefined || hasRunOut(snapshot)) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    return snapshot;
  }

  /** From the database; see `SnapshotSource.load`. Those who ask for the same at the same time wait for one query. */
  load(userId: string, organizationId: string | null, sessionId: string | null): Promise<Snapshot | undefined> {
    const asked = keyOf(userId, organizationId, sessionId);
    const running = this.loading.get(asked);
    // one that began before a change is not for those who come after it
    if (running?.stamp.fresh === true) return running.promise;
    const stamp = this.freshness.stampOf(organizationId);
    const promise = this.read(stamp, userId, organizationId, sessionId).finally(() => {
      if (this.loading.get(asked)?.promise === promise) this.loading.delete(asked);
    });
    this.loading.set(asked, { promise, stamp });
    return promise;
  }

  /** Whether a load has found this session ended, and nothing of the organization has changed since. */
  hasEnded(userId: string, organizationId: string | null, sessionId: string): boolean {
    const stamp = this.ended.get(keyOf(userId, organizationId, sessionId));
    return stamp !== undefined && this.mayKeep(stamp);
  }

  /** Himself and everybody under him in the organization: whose records the scope `team` reaches. */
  teamOf(userId: string, organizationId: string): readonly string[] | Promise<readonly string[]> {
    const team = this.fresh(this.teams.get(userId, organizationId));
    return team?.period === this.freshness.period ? team.ids : this.readTeam(userId, organizationId);
  }

  private async read(
    stamp: Stamp,
    userId: string,
    organizationId: string | null,
    sessionId: string | null,
  ): Promise<Snapshot | undefined> {
    this.loads++;
    const loaded = await this.source.load(userId, organizationId, sessionId);
    if (loaded === undefined) {
      this.kept.delete(userId, organizationId);
      return undefined;
    }
    stamp.learn(loaded.versions);
    const snapshot = loaded.snapshot.sharing(stamp.tenant);
    const bytes = snapshot.bytes + (snapshot.tenant === stamp.tenant ? 0 : TENANT_BYTES);
    stamp.tenant = snapshot.tenant;
    if (sessionId !== null && !snapshot.hasSession(sessionId))
      this.ended.set(keyOf(userId, organizationId, sessionId), stamp);
    if (this.mayKeep(stamp)) this.kept.set(snapshot.userId, { organizationId, value: snapshot, stamp, bytes });
    return snapshot;
  }

  private async readTeam(userId: string, organizationId: string): Promise<readonly string[]> {
    const { period } = this.freshness;
    const stamp = this.freshness.stampOf(organizationId);
    const ids = [userId, ...(await this.source.teamOf(userId, organizationId))];
    const bytes = TEAM_BYTES + ids.length * ID_BYTES;
    if (this.mayKeep(stamp)) this.teams.set(userId, { organizationId, value: { ids, period }, stamp, bytes });
    return ids;
  }

  private fresh<T>(kept: Kept<T> | undefined): T | undefined {
    return kept !== undefined && this.mayKeep(kept.stamp) ? kept.value : undefined;
  }

  private mayKeep(stamp: Stamp): boolean {
    return this.freshness.trusted && stamp.fresh;
  }
}

const keyOf = (userId: string, organizationId: string | null, sessionId: string | null): string =>
  `${userId} ${organizationId ?? ''} ${sessionId ?? ''}`;

/** The clock is only read for those whom it concerns. */
const hasRunOut = ({ validUntil }: Snapshot): boolean => validUntil !== Infinity && Date.now() >= validUntil;
