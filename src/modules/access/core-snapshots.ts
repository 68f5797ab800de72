import { Injectable } from '@nestjs/common';
import { SnapshotSource, type LoadedSnapshot } from '../../platform/access/index.js';
import { newestMigration } from '../../platform/database/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { compileSnapshot } from './compile-snapshot.js';
import { SNAPSHOT, TEAM, type SnapshotRow } from './snapshot-row.js';

/** A version that was never raised has no row. */
const NEVER = '0';

/** Snapshots from core's tables, by the platform login: who is asked about may be of any tenant. */
@Injectable()
export class CoreSnapshots extends SnapshotSource {
  constructor(private readonly platform: PlatformUnit) {
    super();
  }

  async load(
    userId: string,
    organizationId: string | null,
    sessionId: string | null,
  ): Promise<LoadedSnapshot | undefined> {
    const asked = Date.now();
    const [row] = await this.platform.query<SnapshotRow>({ ...SNAPSHOT, values: [userId, organizationId, sessionId] });
    // the organization is deleted, or never was
    if (row === undefined || (organizationId !== null && row.tenant === null)) return undefined;
    const snapshot = compileSnapshot(userId, row, asked, await newestMigration('tenant'));
    if (snapshot === undefined) return undefined;
    const everything = row.everything_version ?? NEVER;
    const organization = organizationId === null ? everything : (row.organization_version ?? NEVER);
    return { snapshot, versions: { organization, everything } };
  }

  async teamOf(userId: string, organizationId: string): Promise<readonly string[]> {
    const rows = await this.platform.query<{ user_id: string }>({ ...TEAM, values: [userId, organizationId] });
    return rows.map(({ user_id }) => user_id);
  }
}
