import type { FileHandle } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { ZERO_ID } from '../../common/ids.js';
import { CONFIG, type Config } from '../../config/index.js';
import { newestMigration, Pools } from '../../platform/database/index.js';
import { PlatformStorage } from '../../platform/storage/platform.js';
import { TenantReader } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { ArchivedTable, ArchiveHead } from './format/archive-format.js';
import { ArchiveWriter, type Written } from './format/archive-writer.js';
import { archiveFiles } from './archived-files.js';
import { assertMover } from './assert-mover.js';
import { archivedAtPlace, archivedCore, CORE_TABLES } from './core-tables.js';
import { inNewFile } from './new-file.js';

export interface Exported extends Written {
  readonly head: ArchiveHead;
}

/** Writes archives of tenants, wherever they stand and while they are used. */
@Injectable()
export class TenantExports {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly pools: Pools,
    private readonly storage: PlatformStorage,
    @Inject(CONFIG) private readonly config: Pick<Config, 'version'>,
  ) {}

  /**
   * All there is of a tenant into a new file, which nobody but the owner of the process reads.
   * @throws ArchiveRefused where the file is there already; as `write` does
   */
  export(organizationId: string, path: string, signal?: AbortSignal): Promise<Exported> {
    return inNewFile(path, (file) => this.write(organizationId, file, signal));
  }

  /**
   * The same into an open file, which is on disk then. At the place rows are of one snapshot, in core of one that is taken
   * right after, and files as they are. Moves of the tenant wait. @throws NotFound; Conflict while it is moved
   */
  async write(organizationId: string, file: FileHandle, signal?: AbortSignal): Promise<Exported> {
    assertMover(this.pools);
    const reader = await TenantReader.open(this.pools.servers, organizationId);
    try {
      const writer = new ArchiveWriter(file, signal);
      try {
        const head = await this.headOf(organizationId, reader);
        await writer.head(head);
        await writeTables(reader, writer);
        await archiveFiles(this.storage.of(organizationId), writer);
        const exported = { head, ...(await writer.end()) };
        await this.note(organizationId, exported.sha256);
        return exported;
      } catch (error) {
        await writer.abandon();
        throw error;
      }
    } finally {
      await reader.close();
    }
  }

  private async headOf(organizationId: string, reader: TenantReader): Promise<ArchiveHead> {
    const migrations = { core: await newestMigration('core'), tenant: await newestMigration('tenant') };
    const takenAt = await reader.beginBoth();
    const { code, name } = await reader.nameInCore();
    const { isolation, server } = reader.place;
    return {
      version: this.config.version,
      migrations,
      taken_at: takenAt,
      tenant: { id: organizationId, code, name, isolation, server },
    };
  }

  /** Among the platform's own entries: the tenant's rows are as they were. */
  private async note(organizationId: string, sha256: string): Promise<void> {
    await this.platform.transaction(async (work) => {
      await work.audit({
        organizationId: ZERO_ID,
        action: 'export',
        resource: 'organizations',
        resourceId: organizationId,
        changes: { after: { sha256 } },
      });
    });
  }
}

async function writeTables(reader: TenantReader, writer: ArchiveWriter): Promise<void> {
  for (const table of archivedAtPlace(reader.tables))
    await writer.table(asArchived('tenant', table), (take) => reader.copyPlace(table, take));
  for (const table of archivedCore(reader.coreTables)) {
    const { own = 'organization_id', readAs = {} } = CORE_TABLES[table.name] ?? {};
    await writer.table(asArchived('core', table), (take) => reader.copyCore(table, readAs, own, take));
  }
}

const asArchived = (
  plane: ArchivedTable['plane'],
  { name, columns }: { name: string; columns: ArchivedTable['columns'] },
): ArchivedTable => ({ plane, table: name, columns: columns.map((each) => ({ name: each.name, type: each.type })) });
