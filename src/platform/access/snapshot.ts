import { isDeepStrictEqual } from 'node:util';
import type { Placement } from '../tenancy/index.js';
import type { ModuleSet } from './module-set.js';
import { bitOf, type PermissionSet, type RecordScope } from './permission-set.js';
import { WeakValues } from './weak-values.js';

/** `unavailable`: its location is not ready to serve (half-made, failed, older than this node needs). */
export type TenantStatus = 'active' | 'suspended' | 'inactive' | 'unavailable';
export type PersonStatus = 'active' | 'inactive' | 'suspended';

/** What the guards know of a tenant. */
export interface TenantFacts {
  readonly organizationId: string;
  readonly code: string;
  readonly status: TenantStatus;
  /** Its settings demand a reason of platform users (`settings.security.require_reason`). */
  readonly asksReason: boolean;
  readonly modules: ModuleSet;
  /** undefined while it is `unavailable` */
  readonly placement: Placement | undefined;
}

/** What the guards know of a person's place in the tenant. Equal for all who have the same roles and grants. */
export interface Standing {
  /** A platform user: belongs to no tenant and acts in any. */
  readonly platform: boolean;
  /** Holds `super_admin`, which only a platform user can. */
  readonly superuser: boolean;
  readonly userStatus: PersonStatus;
  /** Of his membership in this tenant; null for a platform user, who is a member nowhere. */
  readonly memberStatus: PersonStatus | null;
  readonly roleCodes: readonly string[];
  /** The highest of his roles, 0 without any; 100 stands above all. */
  readonly priority: number;
  /** The widest of his roles. */
  readonly recordScope: RecordScope;
  readonly permissions: PermissionSet;
}

export interface SnapshotFacts {
  readonly userId: string;
  /** null: a platform user who acts in none */
  readonly tenant: TenantFacts | null;
  readonly standing: Standing;
  /** Families of this person's living sessions; the one that was asked for among them, if it lives. */
  readonly sessions: readonly string[];
  /** Milliseconds since the epoch from which a clock may have changed the above; Infinity: never. */
  readonly validUntil: number;
}

const BYTES = 310;
const ID_LENGTH = 36;
const USER_READ = bitOf('user_read');
const standings = new WeakValues<Standing>();

/**
 * What the guards know of a person in a tenant: all that the three layers decide from. It is small, since there is one
 * for each (user, tenant) in the cache: what many have in common is one object.
 */
export class Snapshot {
  private constructor(
    readonly userId: string,
    readonly tenant: TenantFacts | null,
    readonly standing: Standing,
    /** the families of his living sessions, one after another: an array would take twice the bytes */
    private readonly families: string,
    readonly validUntil: number,
  ) {}

  static of({ userId, tenant, standing, sessions, validUntil }: SnapshotFacts): Snapshot {
    const shared = standings.getOrMake(keyOfStanding(standing), () => standing);
    return new Snapshot(userId, tenant, shared, sessions.join(' '), validUntil);
  }

  /** The same snapshot on this object of its tenant's facts, if they are equal: one serves all people of a tenant. */
  sharing(tenant: TenantFacts | null): Snapshot {
    if (tenant === this.tenant || !isDeepStrictEqual(tenant, this.tenant)) return this;
    return new Snapshot(this.userId, tenant, this.standing, this.families, this.validUntil);
  }

  get organizationId(): string | null {
    return this.tenant === null ? null : this.tenant.organizationId;
  }
  get placement(): Placement | undefined {
    return this.tenant?.placement;
  }
  get platform(): boolean {
    return this.standing.platform;
  }
  get superuser(): boolean {
    return this.standing.superuser;
  }
  get permissions(): PermissionSet {
    return this.standing.permissions;
  }
  get recordScope(): RecordScope {
    return this.standing.recordScope;
  }
  /** What `core.enter` sets as `app.sees_users`. */
  get seesUsers(): 'all' | 'self' {
    return this.may(USER_READ) ? 'all' : 'self';
  }

  /** Whether the person is alive here: neither suspended nor inactive, as a user and as a member. */
  get alive(): boolean {
    const { userStatus, memberStatus } = this.standing;
    return userStatus === 'active' && (memberStatus === null || memberStatus === 'active');
  }

  hasSession(family: string): boolean {
    return this.families === family || (family.length === ID_LENGTH && this.families.includes(family));
  }

  /** About how many bytes of memory are this snapshot's alone, with its place in a cache; measured. */
  get bytes(): number {
    return BYTES + this.families.length;
  }

  may(bit: number): boolean {
    return this.standing.superuser || this.standing.permissions.has(bit);
  }

  /** Whose records the permission reaches; undefined when it is not held. */
  scopeOf(bit: number): RecordScope | undefined {
    return this.standing.superuser ? 'all' : this.standing.permissions.scopeOf(bit);
  }
}

const keyOfStanding = ({ permissions, ...rest }: Standing): string => JSON.stringify([permissions.id, rest]);
