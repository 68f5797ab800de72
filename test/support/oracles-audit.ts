import type { Change, ChangeKind, Entry, Written } from './changes.js';

/** What the audit log need not tell of, and what it tells of that is no change of a row; each with its reason. */
export interface AuditExceptions {
  /** By table. */
  readonly tables: Readonly<Record<string, string>>;
  /** By column, of whatever table or as `core.menus.version`: an update of nothing else is no audited change. */
  readonly columns: Readonly<Record<string, string>>;
  /** By action: entries that stand for themselves. */
  readonly actions: Readonly<Record<string, string>>;
  /** Columns that every write sets, of whatever table: by themselves they are no change. */
  readonly stamps: readonly string[];
}

const NOBODY = '00000000-0000-0000-0000-000000000000';
/** What an entry may call such a change. A row can be changed under many names (suspend, activate, move …). */
const CALLED: Readonly<Record<ChangeKind, RegExp>> = {
  create: /^create$/,
  remove: /^delete$/,
  delete: /^delete$/,
  restore: /^restore$/,
  update: /^(?!create$|delete$|restore$)/,
};

/** The changes that the audit log must tell of. */
export const audited = ({ changes }: Written, exceptions: AuditExceptions): Change[] =>
  changes.filter(({ table, kind, columns }) => {
    if (table in exceptions.tables) return false;
    const isOfUse = (column: string) => column in exceptions.columns || `${table}.${column}` in exceptions.columns;
    return !(
      kind === 'update' &&
      columns.some(isOfUse) &&
      columns.every((column) => isOfUse(column) || exceptions.stamps.includes(column))
    );
  });

/**
 * Where changes and audit entries do not agree: each changed row has exactly one entry, which was written in the same
 * transaction and plane, for the organization whose row it is, and names what happened; and no entry tells of more.
 */
export function faultsOfAudit(written: Written, exceptions: AuditExceptions): string[] {
  const faults: string[] = [];
  const left = new Set(written.entries.filter(({ outcome }) => outcome === 'ok'));
  for (const change of audited(written, exceptions)) {
    const own = [...left].filter((entry) => tellsOf(entry, change));
    // rows without a name of their own share one: each takes one entry
    const [entry, ...more] = own;
    if (entry === undefined) {
      faults.push(`${describeChange(change)} without an audit entry`);
      continue;
    }
    left.delete(entry);
    if (change.id !== null) {
      for (const second of more) left.delete(second);
      // many at once may name a row twice: no more entries than it was written
      if (own.length > change.times) faults.push(`${describeChange(change)} with ${String(own.length)} audit entries`);
    }
    const told = change.id === null ? [entry] : own;
    if (!told.some(({ action }) => CALLED[change.kind].test(action)))
      faults.push(`${describeChange(change)}, and the audit log calls it ${entry.action}`);
    if (entry.organization !== (change.organization ?? NOBODY))
      faults.push(`${describeChange(change)}, and the audit entry is of ${entry.organization}`);
  }
  for (const entry of left)
    if (!(entry.action in exceptions.actions))
      faults.push(
        `the audit log tells of ${entry.action} of ${entry.plane}.${entry.resource} ${String(entry.id)}, where nothing changed`,
      );
  return faults;
}

const tellsOf = (entry: Entry, { transaction, table, id }: Change): boolean =>
  entry.transaction === transaction && `${entry.plane}.${entry.resource}` === table && (id === null || entry.id === id);

export const describeChange = ({ kind, table, row, columns }: Change): string =>
  `${kind} of ${table} ${row}${kind === 'update' ? ` (${columns.join(', ')})` : ''}`;

/** Hashes of bcrypt, tokens, and the password of every demo user. */
const SECRET = /\$2[aby]\$\d\d\$|eyJ[\w-]{10,}\.|password123/;

/** What secrets of anybody stand in audit entries. */
export const secretsIn = (entries: readonly Entry[]): string[] =>
  entries
    .filter(({ changes }) => SECRET.test(JSON.stringify(changes ?? null)))
    .map(({ resource, id, action }) => `a secret in ${action} of ${resource} ${String(id)}`);
