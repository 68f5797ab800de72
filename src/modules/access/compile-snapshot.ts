import {
  effectiveGrants,
  highestPriority,
  ModuleSet,
  PermissionSet,
  Snapshot,
  SUPER_ADMIN,
  widestScope,
  type EntitlementFacts,
  type HeldRole,
  type Standing,
  type TenantFacts,
} from '../../platform/access/index.js';
import { isServed, type Placement } from '../../platform/tenancy/index.js';
import type { RoleRow, SnapshotRow, TenantRow } from './snapshot-row.js';

/**
 * The snapshot that a row amounts to; undefined when there is nobody to speak of (`SnapshotSource.load`).
 * @param asked this node's clock just before the row was read, in milliseconds since the epoch
 * @param needs the newest migration of this node: an older location it does not serve
 */
export function compileSnapshot(userId: string, row: SnapshotRow, asked: number, needs: string): Snapshot | undefined {
  const { platform, tenant, member_status } = row;
  if (!platform && (tenant === null || member_status === null)) return undefined;
  const facts = tenant && tenantFacts(tenant, row, needs);
  const sessions = row.sessions ?? [];
  const ends = [
    facts?.validUntil,
    ...(row.direct ?? []).map(({ ends }) => ends),
    ...sessions.map(({ ends }) => ends),
  ].map((end) => end ?? Infinity);
  return Snapshot.of({
    userId,
    tenant: facts && facts.tenant,
    standing: standingOf(row),
    sessions: sessions.map(({ family }) => family),
    // the clock of the database decides; this node's only counts how long until then
    validUntil: Math.min(...ends) - row.now + asked,
  });
}

function standingOf(row: SnapshotRow): Standing {
  const roles = (row.roles ?? []).map(heldRole);
  const direct = (row.direct ?? []).map(({ code }) => code);
  return {
    platform: row.platform,
    superuser: row.platform && roles.some(({ code, builtIn }) => builtIn && code === SUPER_ADMIN),
    userStatus: row.user_status,
    memberStatus: row.platform ? null : row.member_status,
    roleCodes: roles.map(({ code }) => code),
    priority: highestPriority(roles),
    recordScope: widestScope(roles),
    permissions: PermissionSet.of(effectiveGrants({ roles, direct, modules: row.modules ?? [] })),
  };
}

const heldRole = ({ code, built_in, priority, record_scope, permissions }: RoleRow): HeldRole => ({
  code,
  builtIn: built_in,
  priority,
  recordScope: record_scope,
  permissions: permissions?.split(' ') ?? [],
});

/** The tenant, and when a clock changes what it may use, in the database's time. */
function tenantFacts(tenant: TenantRow, row: SnapshotRow, needs: string): { tenant: TenantFacts; validUntil: number } {
  const { modules, validUntil } = ModuleSet.decide(entitlementFacts(tenant, row));
  const placement = placementOf(tenant, needs);
  const status = tenant.status === 'active' && placement === undefined ? 'unavailable' : tenant.status;
  const { id, code, asks_reason: asksReason } = tenant;
  return { tenant: { organizationId: id, code, status, asksReason, modules, placement }, validUntil };
}

const entitlementFacts = (tenant: TenantRow, row: SnapshotRow): EntitlementFacts => ({
  enabledModules: tenant.enabled_modules,
  subscription: row.subscription && { status: row.subscription.status, pastDueAt: row.subscription.past_due_at },
  planModules: new Set(row.subscription?.modules),
  freeModules: new Set(row.free_modules),
  trials: new Map(Object.entries(row.trials ?? {})),
  now: row.now,
});

/** Where the tenant is; undefined while its location is not ready to serve. */
function placementOf(
  { id, epoch, location_status, migration, server, database, schema }: TenantRow,
  needs: string,
): Placement | undefined {
  if (!isServed({ status: location_status, migration }, needs) || server === null || schema === null) return undefined;
  return { organizationId: id, epoch, server, database, schema };
}
