import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/index.js';
import { LocationMaker, MAIN_SERVER, newestMigration, Pools } from '../../../platform/database/index.js';
import { ScratchPlace, type TenantTable, type TenantWriter } from '../../../platform/tenancy/index.js';
import { archivedAtPlace } from '../core-tables.js';
import { type ArchiveContents, partsAsRead } from '../format/archive-contents.js';
import type { ArchiveFile } from '../format/archive-file.js';
import { type ArchivedRows, ArchiveRefused } from '../format/archive-format.js';
import type { NewIds } from './new-ids.js';
import { archivedTables, assertSame, type ToldTable } from './restored-tables.js';

/** Takes rows table by table. `over`: that was the last one of it. */
export interface RowSink {
  rows(table: ToldTable, rows: ArchivedRows): Promise<void>;
  over(table: ToldTable): Promise<void>;
}

/** The rows of a tenant's place as they are to be there. */
export interface PlaceRows {
  readonly tables: readonly ToldTable[];
  each(sink: RowSink): Promise<void>;
  close(): Promise<void>;
}

/** What is restored, and under which ids. */
export interface Restoring {
  readonly file: ArchiveFile;
  readonly contents: ArchiveContents;
  readonly organizationId: string;
  /** undefined: all are as they were */
  readonly ids: NewIds | undefined;
}

/** Finds the rows of an archive: as it has them, or, where its tables are older, as migrations make them. */
@Injectable()
export class PlaceRowSources {
  constructor(
    private readonly pools: Pools,
    private readonly maker: LocationMaker,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sharedSchema'>,
  ) {}

  /** @throws ArchiveRefused where its tables are not those of its version */
  async open(restoring: Restoring, writer: TenantWriter): Promise<PlaceRows> {
    const tables = archivedTables(restoring.contents, 'tenant');
    if (restoring.contents.head.migrations.tenant !== (await newestMigration('tenant')))
      return this.migrated(restoring, tables);
    assertSame(tables, archivedAtPlace(await writer.tablesIn(this.config.sharedSchema)));
    return { tables, each: (sink) => eachArchived(restoring, sink), close: () => Promise.resolve() };
  }

  private async migrated(restoring: Restoring, tables: readonly ToldTable[]): Promise<PlaceRows> {
    if (!this.pools.servers.has('owner', MAIN_SERVER))
      throw new ArchiveRefused(
        'The archive is older than the tables here: to bring it up takes the owner’s login, and DATABASE_URL is not set.',
      );
    const { head } = restoring.contents;
    // by the first one's id, so that the next attempt finds what this one leaves
    const { servers } = this.pools;
    const scratch = await ScratchPlace.make(servers, this.maker, head.tenant.id, head.migrations.tenant);
    try {
      assertSame(tables, archivedAtPlace(await scratch.tables()));
      await scratch.filling(() => fillScratch(restoring, scratch));
      await scratch.migrate();
      const here = archivedAtPlace(await scratch.tables());
      const each = (sink: RowSink) => eachMigrated(scratch, here, restoring.organizationId, sink);
      return { tables: here, each, close: () => scratch.close() };
    } catch (error) {
      await scratch.close();
      throw error;
    }
  }
}

async function eachArchived({ file, contents, ids }: Restoring, sink: RowSink): Promise<void> {
  for await (const part of partsAsRead(file, contents)) {
    if ((part.kind !== 'rows' && part.kind !== 'sum') || part.table.plane !== 'tenant') continue;
    const { table: name, columns } = part.table;
    if (part.kind === 'sum') await sink.over({ name, columns });
    else await sink.rows({ name, columns }, { ...part.rows, bytes: ids?.in(part.rows.bytes) ?? part.rows.bytes });
  }
}

/** In the order in which the archive has its columns. */
async function fillScratch(restoring: Restoring, scratch: ScratchPlace): Promise<void> {
  const tables = new Map((await scratch.tables()).map((table) => [table.name, table]));
  await eachArchived(restoring, {
    rows: async ({ name, columns }, rows) => {
      const table = tables.get(name);
      if (table === undefined) throw new ArchiveRefused(`There is no table ${name} here.`);
      await scratch.load({ ...table, columns: arranged(table, columns) }, rows);
    },
    over: () => Promise.resolve(),
  });
}

const arranged = ({ columns }: TenantTable, order: ToldTable['columns']): TenantTable['columns'] =>
  order.flatMap(({ name }) => columns.filter((column) => column.name === name));

async function eachMigrated(
  scratch: ScratchPlace,
  tables: readonly TenantTable[],
  organizationId: string,
  sink: RowSink,
): Promise<void> {
  for (const table of tables) {
    await scratch.copy(table, organizationId, (rows) => sink.rows(table, rows));
    await sink.over(table);
  }
}
