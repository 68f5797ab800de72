import type { TestDatabase } from './database.js';
import { IS_MOVING, MOVERS_NAME } from './patiently.js';

/** What became of a row in one transaction. Deleting and bringing back softly are changes of `deleted_at`. */
export type ChangeKind = 'create' | 'update' | 'delete' | 'restore' | 'remove';

/** A row that a transaction made, changed or removed: all that it did to it, as one change. */
export interface Change {
  /** Of PostgreSQL: changes and audit entries of one transaction have the same. */
  readonly transaction: string;
  /** `shared.crm_leads`, at whatever location */
  readonly table: string;
  /** The values of its primary key, joined. */
  readonly row: string;
  /** What an audit entry names it by: its `id`, else its `user_id`; null where it has neither. */
  readonly id: string | null;
  /** Whose row it is; null for one of the platform. */
  readonly organization: string | null;
  readonly kind: ChangeKind;
  /** Of an update, the columns that have another value now. */
  readonly columns: readonly string[];
  /** How often the transaction wrote it. */
  readonly times: number;
}

/** An audit entry, as it was written. */
export interface Entry {
  readonly transaction: string;
  /** `shared` or `core`. */
  readonly plane: string;
  readonly organization: string;
  readonly request: string | null;
  /** `user`, `platform`, … */
  readonly actor: string;
  readonly action: string;
  readonly resource: string;
  readonly id: string | null;
  readonly outcome: 'ok' | 'refused';
  readonly changes: unknown;
}

/** All that was written since some moment. */
export interface Written {
  readonly changes: readonly Change[];
  readonly entries: readonly Entry[];
}

type Verb = 'INSERT' | 'UPDATE' | 'DELETE';
interface Noted {
  readonly n: string;
  readonly transaction: string;
  readonly relation: string;
  readonly verb: Verb;
  readonly row: string;
  readonly was: Readonly<Record<string, unknown>> | null;
  readonly now: Readonly<Record<string, unknown>> | null;
  readonly columns: readonly string[];
}

/** What tenants have is called `shared.…`, wherever it stands. That a row was changed while it is moved is noted as well, and is no change. */
const TABLES = `select n.nspname || '.' || quote_ident(c.relname) as name,
    case when n.nspname in ('core', 'tenancy') then n.nspname else 'shared' end || '.' || quote_ident(c.relname) as called,
    (select string_agg(a.attname, ',' order by array_position(i.indkey::int2[], a.attnum)) from pg_index i
       join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey::int2[]) where i.indrelid = c.oid and i.indisprimary) as key
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = any ($1) and c.oid <> 'tenancy.move_log'::regclass order by 1`;

/** Every value of a row that says whose it is, what happened to it, or what an audit entry tells. */
const INSTALL = `create schema watch;
  create unlogged table watch.noted (n bigint generated always as identity primary key, transaction xid8 not null, relation text not null,
    verb text not null, key text not null, was jsonb, now jsonb, columns text[] not null);
  create function watch.note() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
  declare
    was jsonb := to_jsonb(old);
    now jsonb := to_jsonb(new);
    it jsonb := coalesce(now, was);
  begin
    ${IS_MOVING ? `if current_setting('application_name') = '${MOVERS_NAME}' then return null; end if;` : ''}
    insert into watch.noted (transaction, relation, verb, key, was, now, columns)
    values (pg_current_xact_id(), tg_argv[0], tg_op,
      (select string_agg(it ->> name, ' ') from unnest(string_to_array(tg_argv[1], ',')) name), was, now,
      case when tg_op = 'UPDATE' then array(select key from jsonb_each(now) where value is distinct from was -> key) else '{}' end);
    return null;
  end $$`;

/** How far each database was noted. */
type Mark = readonly string[];

/**
 * Triggers of the tests' own on every table of a test's databases, as they are at the start: what a request changed is one
 * small question, however much is stored, and nothing that was written and undone in between can hide.
 */
export class Changes {
  private constructor(
    private readonly watched: readonly Watched[],
    private readonly settled: () => Promise<void>,
  ) {}

  /** @param settled waits for what goes on behind answers: it is of the moment at which it was asked for */
  static async watch(database: TestDatabase, settled = () => Promise.resolve()): Promise<Changes> {
    const schemas = new Map([[database.name, { sql: database.sql, schemas: ['core', 'tenancy'] }]]);
    for (const { database: name, schema, sql } of await database.places()) {
      const known = schemas.get(name) ?? { sql, schemas: ['tenancy'] };
      schemas.set(name, { ...known, schemas: [...known.schemas, schema] });
    }
    const watched = [...schemas.values()];
    await Promise.all(watched.map(install));
    return new Changes(watched, settled);
  }

  /** A moment, to ask later what was written since. */
  async mark(): Promise<Mark> {
    await this.settled();
    return Promise.all(
      this.watched.map(async ({ sql }) => {
        const [row] = await sql<{ n: string }>('select coalesce(max(n), 0) as n from watch.noted');
        return row?.n ?? '0';
      }),
    );
  }

  async since(mark: Mark): Promise<Written> {
    await this.settled();
    const notes = await Promise.all(this.watched.map(({ sql }, at) => sql<Noted>(NOTES, [mark[at]])));
    return written(notes.flat());
  }
}

/** A database, and the schemas in it that have tables of the product. */
interface Watched extends Pick<TestDatabase, 'sql'> {
  readonly schemas: readonly string[];
}
const NOTES =
  'select n, transaction::text, relation, verb, key as row, was, now, columns from watch.noted where n > $1 order by n';

async function install({ sql, schemas }: Watched): Promise<void> {
  await sql(INSTALL);
  const tables = await sql<{ name: string; called: string; key: string | null }>(TABLES, [schemas]);
  if (tables.length < 10) throw new Error('the tables were not found');
  const triggers = tables.map(
    ({ name, called, key }) =>
      `create trigger zz_watch after insert or update or delete on ${name} for each row execute function watch.note('${called}', '${key ?? ''}')`,
  );
  await sql(triggers.join(';\n'));
}

const AUDIT_LOG = '.audit_log';

/** Notes as changes and entries: each row of a transaction once, whatever was done to it and however often. */
export function written(notes: readonly Noted[]): Written {
  const rows = new Map<string, Noted[]>();
  const entries: Entry[] = [];
  for (const note of notes) {
    if (note.relation.endsWith(AUDIT_LOG) && note.verb === 'INSERT') entries.push(entryOf(note));
    else {
      const key = `${note.transaction} ${note.relation} ${note.row}`;
      rows.set(key, [...(rows.get(key) ?? []), note]);
    }
  }
  return { changes: [...rows.values()].flatMap(changeOf), entries };
}

function changeOf(notes: readonly Noted[]): Change[] {
  const [first, last] = [notes[0], notes.at(-1)];
  if (first === undefined || last === undefined) return [];
  const isMade = first.verb === 'INSERT';
  const isGone = last.verb === 'DELETE';
  if (isMade && isGone) return [];
  const row = last.now ?? last.was ?? {};
  const id = row['id'] ?? row['user_id'] ?? null;
  const organization = first.relation === 'core.organizations' ? row['id'] : row['organization_id'];
  return [
    {
      transaction: first.transaction,
      table: first.relation,
      row: first.row,
      id: typeof id === 'string' ? id : null,
      organization: typeof organization === 'string' ? organization : null,
      kind: isMade ? 'create' : isGone ? 'remove' : kindOfUpdate(first.was?.['deleted_at'], last.now?.['deleted_at']),
      times: notes.length,
      columns: [...new Set(notes.flatMap(({ columns }) => columns))].sort(),
    },
  ];
}

function kindOfUpdate(before: unknown, after: unknown): ChangeKind {
  const [was, is] = [before ?? null, after ?? null];
  if (was === null && is !== null) return 'delete';
  return was !== null && is === null ? 'restore' : 'update';
}

function entryOf({ transaction, relation, now }: Noted): Entry {
  const text = (name: string): string | null => {
    const value = now?.[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    transaction,
    plane: relation.slice(0, -AUDIT_LOG.length),
    organization: text('organization_id') ?? '',
    request: text('request_id'),
    actor: text('actor_kind') ?? '',
    action: text('action') ?? '',
    resource: text('resource') ?? '',
    id: text('resource_id'),
    outcome: text('outcome') === 'refused' ? 'refused' : 'ok',
    changes: now?.['changes'],
  };
}
