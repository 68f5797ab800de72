import { Injectable } from '@nestjs/common';
import type { Source } from '../../../platform/storage/index.js';
import { PlatformStorage } from '../../../platform/storage/platform.js';
import { CoreUnit, currentPlacement } from '../../../platform/tenancy/index.js';
import { PlatformUnit } from '../../../platform/tenancy/platform.js';
import { folderOf, keyOf } from './export-place.js';

/** For which an archive is kept. */
const KEPT = `interval '7 days'`;
/** After which nobody is expected to finish one any more. */
const PATIENCE = `interval '1 day'`;
const TOO_LATE = 'It was not finished within a day.';

interface Found {
  readonly id: string;
  readonly organizationId: string;
}
const CHANGED = 'version = version + 1, updated_at = now(), updated_by = null';
const UNFINISHED = `status in ('queued', 'running')`;

/** How far exports are, and what is stored of them: an object that nobody wants goes before the row says so. */
@Injectable()
export class ExportRecords {
  constructor(
    private readonly core: CoreUnit,
    private readonly platform: PlatformUnit,
    private readonly storage: PlatformStorage,
  ) {}

  /** Of the scope's tenant. @returns false for one that is over, or is no longer there */
  async take(id: string): Promise<boolean> {
    const taken = await this.core.write({
      text: `update core.exports set status = 'running', ${CHANGED} where organization_id = $1 and id = $2 and ${UNFINISHED} returning id`,
      values: [currentPlacement().organizationId, id],
    });
    return taken.length > 0;
  }

  /** Stores what was made: from then on it is ready. What others have stored of it goes. */
  async keep(id: string, checksum: string, archive: Source): Promise<void> {
    const { organizationId } = currentPlacement();
    const files = this.storage.of(organizationId);
    const key = keyOf(id, checksum);
    const { bytes, sha256 } = await files.put(key, archive);
    if (sha256 !== checksum) throw new Error('the archive was not stored as it was written');
    const made = await this.core.write({
      text: `update core.exports set status = 'ready', size_bytes = $3, checksum = $4, expires_at = now() + ${KEPT}, error = null, ${CHANGED}
        where organization_id = $1 and id = $2 and (status = 'running' or status = 'ready' and checksum = $4) returning id`,
      values: [organizationId, id, bytes, checksum],
    });
    const isOurs = made.length > 0;
    for await (const { key: each } of files.list(folderOf(id))) if (isOurs !== (each === key)) await files.delete(each);
  }

  /** Of the scope's tenant. */
  async fail(id: string, reason: string): Promise<void> {
    const { organizationId } = currentPlacement();
    await this.clear({ id, organizationId });
    await this.core.write({
      text: `update core.exports set status = 'failed', error = $3, ${CHANGED} where organization_id = $1 and id = $2 and ${UNFINISHED}`,
      values: [organizationId, id, reason],
    });
  }

  /** Of all tenants: those whose time is over. */
  async expire(): Promise<void> {
    for (const found of await this.find(`status = 'ready' and expires_at <= now()`)) {
      await this.clear(found);
      await this.change(found, `status = 'expired'`, `status = 'ready'`);
    }
  }

  /** Of all tenants: those that should have been finished long ago. */
  async giveUp(): Promise<void> {
    for (const found of await this.find(`${UNFINISHED} and created_at <= now() - ${PATIENCE}`)) {
      await this.clear(found);
      await this.change(found, `status = 'failed', error = '${TOO_LATE}'`, UNFINISHED);
    }
  }

  unfinished(): Promise<Found[]> {
    return this.find(UNFINISHED);
  }

  private find(where: string): Promise<Found[]> {
    return this.platform.query<Found>({
      text: `select id, organization_id as "organizationId" from core.exports where ${where} order by created_at, id`,
      values: [],
    });
  }

  private async change({ id }: Found, set: string, where: string): Promise<void> {
    await this.platform.query({
      text: `update core.exports set ${set}, ${CHANGED} where id = $1 and ${where}`,
      values: [id],
    });
  }

  private async clear({ id, organizationId }: Found): Promise<void> {
    const files = this.storage.of(organizationId);
    for await (const { key } of files.list(folderOf(id))) await files.delete(key);
  }
}
