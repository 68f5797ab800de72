import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newestMigration, Pools } from '../../../platform/database/index.js';
import { PlatformStorage } from '../../../platform/storage/platform.js';
import { type TenantTable, TenantWriter } from '../../../platform/tenancy/index.js';
import { type ArchiveContents, partsAsRead, readContents } from '../format/archive-contents.js';
import { ArchiveFile } from '../format/archive-file.js';
import { ArchiveRefused } from '../format/archive-format.js';
import { restoreFiles } from '../archived-files.js';
import { assertMover } from '../assert-mover.js';
import { archivedAtPlace, archivedCore } from '../core-tables.js';
import { CoreRows } from './core-rows.js';
import { NewIds } from './new-ids.js';
import { type PlaceRows, PlaceRowSources } from './place-rows.js';
import { type AskedRestore, RestoreChecks, type RestorePlan } from './restore-checks.js';
import { RestorePlaces } from './restore-places.js';
import { archivedTables, assertGrown, assertSame, asThere } from './restored-tables.js';

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
    private readonly rows: PlaceRowSources,
    private readonly storage: PlatformStorage,
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

  /**
   * The people of a tenant that is not there, before it is restored: so that of several tenants that are put back each finds
   * its guests. Nobody gets in by that. Nothing for one that is there, in whatever state.
   */
  async bringPeople(path: string): Promise<void> {
    const file = await ArchiveFile.open(path);
    try {
      const contents = await readContents(file);
      const plan = await this.checks.judge(contents, {});
      if (!plan.isThere) await this.core.bringPeople(file, contents, plan.organizationId, () => this.places.mark(plan));
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
    const { organizationId } = plan;
    const ids = plan.isNew ? newIdsOf(contents, organizationId) : undefined;
    await assertCore(contents, archivedCore(writer.coreTables));
    const rows = await this.rows.open({ file, contents, organizationId, ids }, writer);
    let epoch: number;
    try {
      await this.places.make(plan);
      await onStep('made');
      const tables = await writer.reach();
      assertSame(rows.tables, archivedAtPlace(tables));
      epoch = await writer.clear(tables);
      await onStep('cleared');
      await writer.filling(tables, () => fillPlace(rows, tables, writer));
      await onStep('filled');
    } finally {
      await rows.close();
    }
    // one from before there were any does not say that there are none
    if (contents.sums.files !== undefined)
      await restoreFiles(this.storage.of(organizationId), partsAsRead(file, contents));
    await onStep('stored');
    await writer.openFence(epoch);
    await onStep('opened');
    await this.core.restore(file, contents, plan, ids, epoch);
  }
}

/** @throws ArchiveRefused where core's rows are not what they are here */
export async function assertCore(contents: ArchiveContents, here: readonly TenantTable[]): Promise<void> {
  const { migrations, version } = contents.head;
  const archived = archivedTables(contents, 'core');
  if (migrations.core === (await newestMigration('core'))) assertSame(archived, here);
  else assertGrown(archived, here, version);
}

/** For what core has of a second tenant. */
export function newIdsOf({ head, coreIds }: ArchiveContents, organizationId: string): NewIds {
  const ids = new NewIds();
  for (const id of coreIds) ids.add(id);
  ids.add(head.tenant.id, organizationId);
  return ids;
}

/** What is at the place in the end is compared with what came, line by line. */
export async function fillPlace(rows: PlaceRows, tables: readonly TenantTable[], writer: TenantWriter): Promise<void> {
  let hash = createHash('sha256');
  await rows.each({
    rows: async (told, some) => {
      hash.update(some.bytes);
      await writer.load(asThere(told, tables), some);
    },
    over: async (told) => {
      if ((await writer.sumOf(asThere(told, tables))) !== hash.digest('hex'))
        throw new Error(`the rows of ${told.name} did not come back as they were`);
      hash = createHash('sha256');
    },
  });
}
