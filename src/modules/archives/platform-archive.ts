import { Inject, Injectable } from '@nestjs/common';
import { ZERO_ID } from '../../common/ids.js';
import { CONFIG, type Config } from '../../config/index.js';
import { newestMigration, Pools } from '../../platform/database/index.js';
import { PlatformReader } from '../../platform/tenancy/index.js';
import { type PlatformTransaction, PlatformUnit } from '../../platform/tenancy/platform.js';
import { ArchiveFile } from './format/archive-file.js';
import { type ArchivedTable, type ArchiveHead, ArchiveRefused, DAMAGED } from './format/archive-format.js';
import { ArchiveWriter, type Written } from './format/archive-writer.js';
import { rowsOf } from './format/copy-text.js';
import { arraysOf, quoted, type Row, rowSource, valueOf } from './format/text-rows.js';
import { inNewFile } from './new-file.js';

interface PlatformTable {
  /** SQL on the row `t`: what is the platform's. */
  readonly own: string;
  /** In place of a column, SQL: on `t` when it is read, on `r` when it is written. */
  readonly readAs?: Readonly<Record<string, string>>;
  readonly writeAs?: Readonly<Record<string, string>>;
  /** SQL on `r`: whether it is restored. */
  readonly when?: string;
  /** The key by which a row that is there is made what it was; without one it stays as it is. */
  readonly replaces?: string;
}

/**
 * What belongs to no tenant and is not what the code says (permissions and built-in roles are: `seed roles`). Users before
 * their roles.
 */
const TABLES: Readonly<Record<string, PlatformTable>> = {
  plans: { own: 'true', replaces: 'plan_code' },
  permissions: { own: `t.permission_code like 'custom\\_%'` },
  users: { own: 't.organization_id is null' },
  user_roles: {
    own: 't.organization_id is null',
    readAs: { role_id: '(select b.role_code from core.roles b where b.id = t.role_id)' },
    writeAs: {
      role_id: `(select b.id from core.roles b where b.role_code = r.role_id and b.organization_id is null and b.deleted_at is null)`,
    },
    when: 'exists (select from core.users u where u.id = r.user_id::uuid and u.organization_id is null)',
  },
  tombstones: { own: 'true' },
  audit_log: { own: `t.organization_id = '${ZERO_ID}'` },
};

/** What core has of the platform itself, as one file: its people, plans, permissions of its own, tombstones, audit log. */
@Injectable()
export class PlatformArchive {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly pools: Pools,
    @Inject(CONFIG) private readonly config: Pick<Config, 'version'>,
  ) {}

  /** All of one snapshot, into a new file. @throws ArchiveRefused where there is one already */
  export(path: string): Promise<Written> {
    return inNewFile(path, async (file) => {
      const reader = await PlatformReader.open(this.pools.servers);
      try {
        const writer = new ArchiveWriter(file);
        await writer.head(await this.head());
        for (const found of await reader.columnsOf(Object.keys(TABLES))) {
          const table: ArchivedTable = { plane: 'core', ...found };
          await writer.table(table, (take) => reader.copy(rowsOfPlatform(table), take));
        }
        return await writer.end();
      } finally {
        await reader.close();
      }
    });
  }

  /** What is not there comes back, plans become what they were; all of it or nothing. @throws ArchiveRefused @returns rows that came back */
  async restore(path: string): Promise<number> {
    const file = await ArchiveFile.open(path);
    try {
      return await this.platform.transaction(async (work) => {
        let written = 0;
        for await (const part of file.parts()) {
          if (part.kind === 'head' && part.head.tenant.id !== ZERO_ID)
            throw new ArchiveRefused('This is the archive of a tenant, and not that of the platform.');
          if (part.kind === 'head') await assertMigrated(part.head);
          if (part.kind === 'rows') written += await insert(work, part.table, rowsOf(part.rows.bytes));
        }
        return written;
      });
    } finally {
      await file.close();
    }
  }

  private async head(): Promise<ArchiveHead> {
    return {
      version: this.config.version,
      migrations: { core: await newestMigration('core'), tenant: await newestMigration('tenant') },
      taken_at: new Date().toISOString(),
      tenant: { id: ZERO_ID, code: '', name: '', isolation: 'shared', server: 'main' },
    };
  }
}

async function assertMigrated({ migrations, version }: ArchiveHead): Promise<void> {
  if (migrations.core > (await newestMigration('core')))
    throw new ArchiveRefused(`The platform's archive was written by a newer version, ${version}.`);
}

function rowsOfPlatform({ table, columns }: ArchivedTable): string {
  const { own, readAs = {} } = tableOf(table);
  const values = columns.map(({ name }) => readAs[name] ?? `t.${quoted(name)}`);
  return `select ${values.join(', ')} from core.${quoted(table)} t where ${own} order by 1`;
}

/** Columns that came later keep their defaults. @returns how many rows were written */
async function insert(work: PlatformTransaction, { table, columns }: ArchivedTable, rows: Row[]): Promise<number> {
  const known = tableOf(table);
  const values = columns.map((column) => valueOf(column, known));
  const set = columns
    .filter(({ name }) => name !== 'id')
    .map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`);
  const again = known.replaces === undefined ? 'do nothing' : `(${known.replaces}) do update set ${set.join(', ')}`;
  const written = await work.query({
    text: `insert into core.${quoted(table)} (${columns.map(({ name }) => quoted(name)).join(', ')})
      select ${values.join(', ')} from ${rowSource(columns, 1)} where ${known.when ?? 'true'} on conflict ${again} returning 1`,
    values: arraysOf(columns, rows),
  });
  return written.length;
}

function tableOf(name: string): PlatformTable {
  const known = TABLES[name];
  if (known === undefined) throw new ArchiveRefused(DAMAGED);
  return known;
}
