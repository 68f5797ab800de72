import { Injectable } from '@nestjs/common';
import { ZERO_ID } from '../../common/ids.js';
import type { TenantFacts } from './snapshot.js';
import type { AccessVersions } from './snapshot-source.js';
import { WeakValues } from './weak-values.js';

/**
 * Shared by everything that was read about one organization and is kept in memory. Whoever reads takes the stamp
 * *before*: what changes while he reads drops it, and what he read is then used once and not kept.
 */
export class Stamp {
  /** The facts of the organization that were read last under this stamp, for all its people to share. */
  tenant: TenantFacts | null = null;
  private dropped = false;
  /** Of `core.access_version` as first read under this stamp; undefined until something was. */
  private version: string | undefined;

  /** @param everything the stamp of platform users and built-in roles, on which all others depend */
  constructor(private readonly everything?: Stamp) {}

  get fresh(): boolean {
    return !this.dropped && (this.everything === undefined || this.everything.fresh);
  }

  drop(): void {
    this.dropped = true;
  }

  /** Takes note of the versions that belong to what was read. Another one than before: the notification is on its way. */
  learn({ organization, everything }: AccessVersions): void {
    this.compare(organization);
    this.everything?.compare(everything);
  }

  private compare(version: string): void {
    if (this.version === undefined) this.version = version;
    else if (this.version !== version) this.drop();
  }

  /** Whether the database still says the version that was read; one that was never read counts as another. */
  isAt(version: string | undefined): boolean {
    return this.version !== undefined && this.version === version;
  }
}

/**
 * Which knowledge about organizations may be used without asking the database: what was read since the last change of
 * that organization, and only while this node hears of changes.
 */
@Injectable()
export class Freshness {
  private readonly stamps = new WeakValues<Stamp>();
  private everything = new Stamp();
  private hearing = false;

  /** How often something was dropped, for metrics. */
  drops = 0;
  /**
   * Grows each time that changes are heard again. What was read without its version (a team, a tenant's code) is good
   * for one such period alone: nothing would tell that it was changed unheard.
   */
  period = 0;

  /** False while changes may go unheard: nothing kept is used then. */
  get trusted(): boolean {
    return this.hearing;
  }

  /** The stamp under which facts about the organization may be kept; null: about a person without one. */
  stampOf(organizationId: string | null): Stamp {
    if (organizationId === null || organizationId === ZERO_ID) return this.everything;
    return this.stamps.getOrMake(organizationId, () => new Stamp(this.everything));
  }

  /** Something of this organization has changed; the zero uuid, or anything that is no id, stands for everything. */
  drop(organizationId: string): void {
    this.drops++;
    const stamp = this.stamps.get(organizationId);
    if (stamp !== undefined) {
      stamp.drop();
      this.stamps.delete(organizationId);
    } else if (organizationId.length !== ZERO_ID.length || organizationId === ZERO_ID) this.dropEverything();
  }

  /** From now on changes may go unheard. */
  distrust(): void {
    this.hearing = false;
  }

  /** The organizations of which something is kept, with the zero uuid. */
  known(): string[] {
    return [ZERO_ID, ...[...this.stamps.entries()].map(([organizationId]) => organizationId)];
  }

  /**
   * Changes are heard again, and these are the versions read since: what has another version, or none, was changed
   * unheard and is dropped.
   */
  trust(versions: ReadonlyMap<string, string>): void {
    if (!this.everything.isAt(versions.get(ZERO_ID))) this.dropEverything();
    for (const [organizationId, stamp] of this.stamps.entries())
      if (!stamp.isAt(versions.get(organizationId))) this.drop(organizationId);
    this.period++;
    this.hearing = true;
  }

  private dropEverything(): void {
    this.everything.drop();
    this.everything = new Stamp();
    this.stamps.clear();
  }
}
