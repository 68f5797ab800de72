import type pg from 'pg';
import { Unavailable } from '../../../common/problem.js';
import { MAIN_SERVER, type Pools } from '../../database/index.js';
import type { OnStep } from '../moving/move-context.js';
import { leased } from '../moving/move-session.js';
import {
  beginPurge,
  type FileCounts,
  IS_RESTORING,
  noteStored,
  type PurgedPlace,
  type PurgeReport,
  type PurgeTerms,
  readNotes,
  readPlaces,
} from './purge-records.js';
import { emptyPlaces, holdPlaces } from './purged-places.js';
import { forgetTenant, removeCoreRows } from './purged-core.js';

/** What a purge has done by others. */
export abstract class PurgeTargets {
  /** Whether this process may drop what stands on a server. */
  abstract canDrop(server: string): boolean;
  /** Drops a schema or a database; nothing where it is gone. */
  abstract drop(place: PurgedPlace): Promise<void>;
  /** What is stored of a tenant besides rows. @throws Unavailable */
  abstract stored(organizationId: string): Promise<FileCounts>;
  /** Removes that, and work that waits. Can be repeated. @throws Unavailable */
  abstract clear(organizationId: string): Promise<void>;
}

const nothing = (): void => undefined;

/**
 * Removes tenants for good, wherever there is something of them. Every step can be repeated, and what has been done is seen
 * by what is left: whoever comes after one that died goes on by calling this again. Until the last commit core has the
 * tenant as deleted, so that nobody gets in; from the first one on nobody brings it back.
 */
export class TenantPurges {
  constructor(
    private readonly pools: Pools,
    private readonly targets: PurgeTargets,
  ) {}

  /**
   * @throws NotFound; Conflict while it can be restored, is moved, exported, restored or migrated; Unavailable where this
   * process may not drop its place. Any other error leaves it to be purged by calling this again
   */
  async run(organizationId: string, terms: PurgeTerms, onStep: OnStep = nothing): Promise<PurgeReport> {
    this.assertMover();
    return leased(this.pools.servers, organizationId, async (session) => {
      const { core } = session;
      // nothing brings it elsewhere while this process has it
      const places = await readPlaces(core, organizationId);
      const kept = places.find(({ isOwn, server }) => isOwn && !this.targets.canDrop(server));
      if (kept !== undefined)
        throw Unavailable({ detail: `Nothing can be dropped on ${kept.server} without the owner’s login.` });
      await holdPlaces(session, places);
      await beginPurge(core, organizationId, terms);
      await onStep('begun');
      const { places: counted } = await readNotes(core, organizationId);
      const drop = (place: PurgedPlace) => this.targets.drop(place);
      await emptyPlaces({ session, organizationId, counted, drop, onStep }, places);
      await onStep('places_empty');
      await removeCoreRows(core, organizationId, onStep);
      // the last of it that is outside of core: whoever lays down something late finds no row of his any more
      await this.clear(core, organizationId, onStep);
      return forgetTenant(core, organizationId, onStep);
    });
  }

  /** @throws Unavailable where this process has no login that removes rows of tenants */
  assertMover(): void {
    if (!this.pools.servers.has('mover', MAIN_SERVER))
      throw Unavailable({ detail: 'This works by the login for moves, and DATABASE_MOVER_URL is not set.' });
  }

  private async clear(core: pg.Client, organizationId: string, onStep: OnStep): Promise<void> {
    if ((await readNotes(core, organizationId)).stored === undefined)
      await noteStored(core, organizationId, await this.targets.stored(organizationId));
    await onStep('files_counted');
    await this.targets.clear(organizationId);
    await onStep('files_gone');
  }

  /** Tenants whose time of grace is over, and those of whom a purge was begun: the longest deleted first. */
  async due(graceMs: number): Promise<string[]> {
    const { rows } = await this.pools.get('platform').query<{ id: string }>(
      `select o.id from core.organizations o
       where o.purge is not null or (o.deleted_at <= now() - $1 * interval '1 millisecond' and not ${IS_RESTORING})
       order by o.deleted_at`,
      [graceMs],
    );
    return rows.map(({ id }) => id);
  }
}
