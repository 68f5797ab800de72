import { Injectable } from '@nestjs/common';
import { PermissionDenied, Unauthenticated } from '../../common/problem.js';
import { type Action, decide, problemOf, type RequiredAccess, Snapshots } from '../access/index.js';
import { currentScope, fillScope } from '../tenancy/index.js';
import type { Resource } from './definition/resource.js';
import type { Sql } from './sql.js';

/** Whose records an action reaches: what a record scope (access.md) comes to for one caller. */
export type Reach =
  | { readonly kind: 'all' }
  | { readonly kind: 'own'; readonly userId: string }
  | { readonly kind: 'team'; readonly userIds: readonly string[] };

const ALL: Reach = { kind: 'all' };

/**
 * The record scope as a condition on a row, with the `and` before it; the same for every read and write.
 * @param column in SQL: whom the row is about. Without one there is nothing that a record scope could narrow
 */
export function within(reach: Reach, sql: Sql, column: string | undefined): string {
  if (column === undefined) return '';
  switch (reach.kind) {
    case 'all':
      return '';
    case 'own':
      return ` and ${column} = ${sql.bind(reach.userId)}`;
    case 'team':
      return ` and ${column} = any(${sql.typed(reach.userIds, 'uuid[]')})`;
  }
}

/** Whether a record of this owner is in reach. */
export function reaches(reach: Reach, ownerId: string | null): boolean {
  switch (reach.kind) {
    case 'all':
      return true;
    case 'own':
      return ownerId === reach.userId;
    case 'team':
      return ownerId !== null && reach.userIds.includes(ownerId);
  }
}

/** Works out the reach of the scope's caller. */
@Injectable()
export class Reaches {
  constructor(private readonly snapshots: Snapshots) {}

  /**
   * @throws PermissionDenied when the caller lacks the permission: the guard asked for the route's, an operation can
   * need another (a bulk's, `is_deleted=true`)
   */
  of(resource: Resource, action: Action): Reach | Promise<Reach> {
    if (resource.admitted?.includes(action) === true) return ALL;
    const { snapshot, actor } = currentScope();
    const { bit, code } = resource.permissions[action];
    if (snapshot === undefined) {
      if (actor.kind === 'system') return ALL;
      throw PermissionDenied({ required: code });
    }
    const scope = snapshot.scopeOf(bit);
    if (scope === undefined) throw PermissionDenied({ required: code });
    if (resource.isPrivate) return { kind: 'own', userId: snapshot.userId };
    if (resource.scope === undefined) return ALL;
    switch (scope) {
      case 'all':
        return ALL;
      case 'own':
        return resource.ofPeople === true ? ALL : { kind: 'own', userId: snapshot.userId };
      case 'team':
        return this.team(snapshot.userId, snapshot.organizationId);
    }
  }

  /**
   * For work that goes on long after the guard let it in: asks the layers once more, of the caller as he stands now.
   * @throws the problem that a request of his would get
   */
  async judgeAnew(access: RequiredAccess): Promise<void> {
    const scope = currentScope();
    if (scope.snapshot === undefined) return;
    const { userId, organizationId } = scope.snapshot;
    const snapshot =
      this.snapshots.peek(userId, organizationId) ?? (await this.snapshots.load(userId, organizationId, null));
    if (snapshot === undefined) throw Unauthenticated();
    const verdict = decide(access, { snapshot, named: undefined, host: null, byKey: false });
    if (!verdict.passed) throw problemOf(verdict);
    fillScope(scope, scope.actor, snapshot.placement, snapshot);
  }

  /** Like `of`, but undefined where the permission is missing. */
  find(resource: Resource, action: Action): Reach | Promise<Reach> | undefined {
    return holds(resource, action) ? this.of(resource, action) : undefined;
  }

  private team(userId: string, organizationId: string | null): Reach | Promise<Reach> {
    // only a platform user acts without a tenant, and his reach is all
    if (organizationId === null) return { kind: 'own', userId };
    const userIds = this.snapshots.teamOf(userId, organizationId);
    return userIds instanceof Promise ? userIds.then(teamOf) : teamOf(userIds);
  }
}

const teamOf = (userIds: readonly string[]): Reach => ({ kind: 'team', userIds });

/** Whether the scope's caller may do this at all. */
export function holds(resource: Resource, action: Action): boolean {
  const { snapshot, actor } = currentScope();
  return snapshot === undefined ? actor.kind === 'system' : snapshot.may(resource.permissions[action].bit);
}

/** The same, or holds what does for one's own: whose it is, the service asks. */
export function mayTry(resource: Resource, action: Action): boolean {
  const { own } = resource.permissions[action];
  return holds(resource, action) || (own !== null && currentScope().snapshot?.may(own.bit) === true);
}

/** The person that new records belong to; null for the system and the platform's people, who are members nowhere. */
export function callerId(): string | null {
  const { snapshot } = currentScope();
  return snapshot === undefined || snapshot.platform ? null : snapshot.userId;
}
