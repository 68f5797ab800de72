import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newId } from '../../../common/ids.js';
import { LocationMaker, Pools } from '../../../platform/database/index.js';
import { TenantWriter } from '../../../platform/tenancy/index.js';
import { PlatformUnit } from '../../../platform/tenancy/platform.js';
import { type ArchiveContents, readContents } from '../format/archive-contents.js';
import { ArchiveFile } from '../format/archive-file.js';
import { assertMover } from '../assert-mover.js';
import { archivedAtPlace, archivedCore } from '../core-tables.js';
import { CoreRows } from './core-rows.js';
import { RestoreChecks, type RestorePlan } from './restore-checks.js';
import { PlaceRowSources } from './place-rows.js';
import { assertSame } from './restored-tables.js';
import { assertCore, fillPlace, newIdsOf } from './tenant-restores.js';

export interface Tried {
  readonly id: string;
  readonly code: string;
  readonly takenAt: string;
  readonly rows: number;
}

const SCRATCH = 'tenantry_trial_';
/** A trial that is older than that has died. */
const ABANDONED_MS = 24 * 3_600_000;

class TakenBack extends Error {}

/**
 * Restores an archive for trial, as a tenant that there never is: its rows into a scratch schema, where they are compared
 * with the archive and dropped, and what core has of it in a transaction that is rolled back.
 */
@Injectable()
export class ArchiveTrials {
  constructor(
    private readonly pools: Pools,
    private readonly maker: LocationMaker,
    private readonly platform: PlatformUnit,
    private readonly checks: RestoreChecks,
    private readonly core: CoreRows,
    private readonly rows: PlaceRowSources,
  ) {}

  /** @throws ArchiveRefused for one that could not be restored here; Error where rows would not come back as they were */
  async verify(path: string): Promise<Tried> {
    assertMover(this.pools);
    const file = await ArchiveFile.open(path);
    try {
      const contents = await readContents(file);
      const { head, sums } = contents;
      const organizationId = newId();
      const plan = await this.checks.judge(
        contents,
        { as: `trial-${randomBytes(6).toString('hex')}`, name: 'Trial', isolation: 'shared' },
        organizationId,
      );
      await this.tryPlace(file, contents, organizationId);
      await this.tryCore(file, contents, plan);
      const rows = sums.tables.reduce((sum, table) => sum + table.rows, 0);
      return { id: head.tenant.id, code: head.tenant.code, takenAt: head.taken_at, rows };
    } finally {
      await file.close();
    }
  }

  private async tryPlace(file: ArchiveFile, contents: ArchiveContents, organizationId: string): Promise<void> {
    await this.dropAbandoned();
    const schema = `${SCRATCH}${String(Date.now())}_${randomBytes(4).toString('hex')}`;
    await this.maker.makeSchema(schema);
    try {
      const writer = await TenantWriter.open(this.pools.servers, organizationId);
      try {
        await assertCore(contents, archivedCore(writer.coreTables));
        const rows = await this.rows.open(
          { file, contents, organizationId, ids: newIdsOf(contents, organizationId) },
          writer,
        );
        try {
          const tables = await writer.reachAt({ ...this.pools.servers.main, schema, epoch: 1 });
          assertSame(rows.tables, archivedAtPlace(tables));
          await writer.filling(tables, () => fillPlace(rows, tables, writer));
        } finally {
          await rows.close();
        }
      } finally {
        await writer.close();
      }
    } finally {
      await this.maker.dropSchema(schema);
    }
  }

  private async tryCore(file: ArchiveFile, contents: ArchiveContents, plan: RestorePlan): Promise<void> {
    try {
      await this.platform.transaction(async (work) => {
        await work.query({
          text: `insert into core.organizations (id, tenant_code, tenant_name, status, deleted_at) values ($1, $2, $3, 'inactive', now())`,
          values: [plan.organizationId, plan.code, plan.name],
        });
        await this.core.restore(file, contents, plan, newIdsOf(contents, plan.organizationId), 1);
        throw new TakenBack();
      });
    } catch (error) {
      if (!(error instanceof TakenBack)) throw error;
    }
  }

  /** What trials that died have left. */
  private async dropAbandoned(): Promise<void> {
    const found = await this.platform.query<{ schema: string }>({
      text: `select nspname as schema from pg_namespace where nspname ~ $1`,
      values: [`^${SCRATCH}\\d+_`],
    });
    for (const { schema } of found) {
      const madeAt = Number(schema.slice(SCRATCH.length).split('_')[0]);
      if (madeAt < Date.now() - ABANDONED_MS) await this.maker.dropSchema(schema);
    }
  }
}
