import { PermissionNotHeld, PriorityTooLow } from '../../common/problem.js';
import { ADMIN, findBit, isCustomPermission, type Snapshot } from '../../platform/access/index.js';
import { currentScope } from '../../platform/tenancy/index.js';

/** How high somebody stands, and what he may hand on: "Priority is authority" (access.md, "Roles"). */
export class Ladder {
  private constructor(private readonly snapshot: Snapshot | undefined) {}

  /** Of the scope's caller. */
  static ofCaller(): Ladder {
    const { snapshot, actor } = currentScope();
    if (snapshot === undefined && actor.kind !== 'system') throw new Error('nobody is known to ask of');
    return new Ladder(snapshot);
  }

  /** The platform's people and the system stand above all roles. */
  get isAboveAll(): boolean {
    return this.snapshot === undefined || this.snapshot.platform;
  }

  /** Holds `admin`: may give it, take it, and suspend another who holds it. */
  get isAdmin(): boolean {
    return this.snapshot?.standing.roleCodes.includes(ADMIN) === true;
  }

  /** @throws PriorityTooLow for a role or a person not below him. @param priority 0 to 100; no role counts as 0 */
  assertAbove(priority: number): void {
    if (!this.isAbove(priority)) throw PriorityTooLow();
  }

  /**
   * The one exception: an admin deals with `admin`, and with another who holds it, though they stand as high as he.
   * @throws PriorityTooLow
   */
  assertAboveOrAdmin(priority: number): void {
    const isLevel = this.isAdmin && (this.snapshot?.standing.priority ?? 0) >= priority;
    if (!isLevel) this.assertAbove(priority);
  }

  /** @throws PermissionNotHeld for what he does not hold himself */
  assertHolds(code: string): void {
    if (!this.holds(code)) throw PermissionNotHeld({ required: code });
  }

  isAbove(priority: number): boolean {
    return this.isAboveAll || (this.snapshot?.standing.priority ?? 0) > priority;
  }

  /** An admin holds everything in the tenant: the product's own permissions too, which no built-in role lists. */
  holds(code: string): boolean {
    if (this.isAboveAll || (this.isAdmin && isCustomPermission(code))) return true;
    return this.snapshot?.permissions.has(findBit(code)) === true;
  }
}
