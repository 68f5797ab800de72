import { newId } from '../../common/ids.js';
import type { Statement } from '../database/index.js';
import { type Actor, findScope, SYSTEM } from './scope.js';

/** One entry of an audit log: what was done to which row, in which organization (the zero uuid: the platform). */
export interface AuditEntry {
  readonly organizationId: string;
  readonly action: string;
  /** The table's name. */
  readonly resource: string;
  readonly resourceId: string | null;
  readonly outcome?: 'ok' | 'refused';
  readonly code?: string;
  /** Of the three layers, the one that refused. */
  readonly layer?: string;
  /** Left out: the scope's. */
  readonly reason?: string;
  readonly changes?: { readonly before?: object; readonly after?: object };
  /** When another acts than the scope's actor: a sign-in has none yet. */
  readonly actorId?: string | null;
  /** What `actorId` is; a user when left out. */
  readonly actorKind?: Actor['kind'];
}

const SECRET = /hash|password|secret|token/;
/** What stands in for a secret in an audit entry. */
export const MASK = '***';
export const masked = (column: string, value: unknown): unknown =>
  SECRET.test(column) && value !== null ? MASK : value;

const COLUMNS = [
  'organization_id',
  'id',
  'actor_id',
  'actor_kind',
  'action',
  'resource',
  'resource_id',
  'outcome',
  'code',
  'layer',
  'reason',
  'changes',
  'request_id',
  'ip',
  'user_agent',
] as const;

/** Who acts and from where, as the audit log has it. */
export function auditContext() {
  const scope = findScope();
  const actor = scope?.actor ?? SYSTEM;
  return {
    actorId: actor.id,
    actorKind: actor.kind,
    reason: scope?.reason ?? null,
    requestId: scope?.requestId ?? null,
    ip: scope?.ip ?? null,
    userAgent: scope?.userAgent?.slice(0, 255) ?? null,
  };
}

/** One insert for all entries. */
export function auditInsert(table: 'audit_log' | 'core.audit_log', entries: readonly AuditEntry[]): Statement {
  const context = auditContext();
  const values: unknown[] = [];
  const rows = entries.map((entry) => {
    const row = [
      entry.organizationId,
      newId(),
      entry.actorId === undefined ? context.actorId : entry.actorId,
      entry.actorId === undefined ? context.actorKind : (entry.actorKind ?? 'user'),
      entry.action,
      entry.resource,
      entry.resourceId,
      entry.outcome ?? 'ok',
      entry.code ?? null,
      entry.layer ?? null,
      entry.reason ?? context.reason,
      entry.changes === undefined ? null : JSON.stringify(entry.changes),
      context.requestId,
      context.ip,
      context.userAgent,
    ];
    return `(${row.map((value) => `$${String(values.push(value))}`).join(', ')})`;
  });
  return { text: `insert into ${table} (${COLUMNS.join(', ')}) values ${rows.join(', ')}`, values };
}
