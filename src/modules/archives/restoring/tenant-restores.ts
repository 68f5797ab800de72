import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/index.js';
import { Pools } from '../../../platform/database/index.js';
import { PlatformStorage } from '../../../platform/storage/platform.js';
import { type TenantTable, TenantWriter } from '../../../platform/tenancy/index.js';
import { type ArchiveContents, partsAsRead, readContents } from '../format/archive-contents.js';
import { ArchiveFile } from '../format/archive-file.js';
import { type ArchivedTable, ArchiveRefused, type Plane } from '../format/archive-format.js';
import { restoreFiles } from '../archived-files.js';
import { assertMover } from '../assert-mover.js';
import { archivedAtPlace, archivedCore } from '../core-tables.js';
import { CoreRows } from './core-rows.js';
import { NewIds } from './new-ids.js';
import { type AskedRestore, RestoreChecks, type RestorePlan } from './restore-checks.js';
import { RestorePlaces } from './restore-places.js';

export interface Restored {
  readonly id: string;
  readonly code: string;
  readonly rows: number;
  readonly files: number;
  readonly takenAt: string;
}

/** Told of each boundary that is passed, before the next thing begins. What it throws stops there. */
export type OnStep = (step: 'read' | 'made' | 'cleared' | 'filled' | 'stored' | 'opened') => void | Promise<void>;

/**
 * Puts tenants back from archives. Until its very last commit core has the tenant as deleted, so that nobody gets in; what
 * is left by one that ends before that, the next one with the same arguments clears away, and begins anew.
 */
@Injectable()
export class TenantRestores {
  constructor(
    private readonly pools: Pools,
    private readonly checks: RestoreChecks,
    private readonly places: RestorePlaces,
    private readonly core: CoreRows,
    private readonly storage: PlatformStorage,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sharedSchema'>,
  ) {}

  /** @throws ArchiveRefused, before anything is written, and as `RestoreChecks.judge` does; Conflict while it is moved */
  async restore(path: string, asked: AskedRestore = {}, onStep: OnStep = () => undefined): Promise<Restored> {
    assertMover(this.pools);
    const file = await ArchiveFile.open(path);
    try {
      const contents = await readContents(file);
      const { organizationId } = await this.checks.judge(contents, asked);
      await onStep('read');
      const writer = await TenantWriter.open(this.pools.servers, organizationId);
      try {
        // as it is now that nobody else has it
        const plan = await this.checks.judge(contents, asked, organizationId);
        if (plan.organizationId !== organizationId)
          throw new ArchiveRefused(`The tenant ${plan.code} has come to be there meanwhile.`);
        await this.write(file, contents, plan, writer, onStep);
        const { tables, files } = contents.sums;
        return {
          ...{ id: organizationId, code: plan.code, takenAt: contents.head.taken_at },
          rows: tables.reduce((sum, table) => sum + table.rows, 0),
          files: files?.count ?? 0,
        };
      } finally {
        await writer.close();
      }
    } finally {
      await file.close();
    }
  }

  private async write(
    file: ArchiveFile,
    contents: ArchiveContents,
    plan: RestorePlan,
    writer: TenantWriter,
    onStep: OnStep,
  ): Promise<void> {
    const ids = plan.isNew ? newIds(contents, plan.organizationId) : undefined;
    assertSame(contents, 'core', archivedCore(writer.coreTables));
    assertSame(contents, 'tenant', archivedAtPlace(await writer.tablesIn(this.config.sharedSchema)));
    await this.places.make(plan);
    await onStep('made');
    const tables = await writer.reach();
    assertSame(contents, 'tenant', archivedAtPlace(tables));
    const epoch = await writer.clear(tables);
    await onStep('cleared');
    await writer.filling(tables, () => fill(file, contents, tables, ids, writer));
    await onStep('filled');
    // one from before there were any does not say that there are none
    if (contents.sums.files !== undefined)
      await restoreFiles(this.storage.of(plan.organizationId), partsAsRead(file, contents));
    await onStep('stored');
    await writer.openFence(epoch);
    await onStep('opened');
    await this.core.restore(file, contents, plan, ids, epoch);
  }
}

function newIds({ head, coreIds }: ArchiveContents, organizationId: string): NewIds {
  const ids = new NewIds();
  for (const id of coreIds) ids.add(id);
  ids.add(head.tenant.id, organizationId);
  return ids;
}

/** What is at the place in the end is compared with what was read, line by line. */
async function fill(
  file: ArchiveFile,
  contents: ArchiveContents,
  tables: readonly TenantTable[],
  ids: NewIds | undefined,
  writer: TenantWriter,
): Promise<void> {
  let hash = createHash('sha256');
  for await (const part of partsAsRead(file, contents)) {
    if ((part.kind !== 'rows' && part.kind !== 'sum') || part.table.plane !== 'tenant') continue;
    const table = asThere(part.table, tables);
    if (part.kind === 'rows') {
      const bytes = ids?.in(part.rows.bytes) ?? part.rows.bytes;
      hash.update(bytes);
      await writer.load(table, { ...part.rows, bytes });
    } else {
      if ((await writer.sumOf(table)) !== hash.digest('hex'))
        throw new Error(`the rows of ${table.name} did not come back as they were`);
      hash = createHash('sha256');
    }
  }
}

/** In the order in which the archive has its columns. */
function asThere({ table: name, columns }: ArchivedTable, tables: readonly TenantTable[]): TenantTable {
  const table = tables.find((each) => each.name === name);
  if (table === undefined) throw new ArchiveRefused(`There is no table ${name} here.`);
  return { ...table, columns };
}

/** @throws ArchiveRefused where tables or columns are others: by name and type, in whatever order */
function assertSame({ tables }: ArchiveContents, plane: Plane, here: readonly TenantTable[]): void {
  const told = (each: Pick<TenantTable, 'columns'>, name: string) =>
    `${name} (${each.columns
      .map((column) => `${column.name} ${column.type}`)
      .sort()
      .join(', ')})`;
  const archived = new Set(tables.filter((each) => each.plane === plane).map((each) => told(each, each.table)));
  const own = here.map((each) => told(each, each.name));
  const different = own.filter((each) => !archived.has(each));
  if (different.length === 0 && archived.size === own.length) return;
  throw new ArchiveRefused(`The archive has other tables than these here: ${different.join('; ') || 'more of them'}.`);
}
