import { Injectable } from '@nestjs/common';
import { messageOf } from '../../common/errors.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { ArchiveTrials, PlatformArchive, TenantRestores } from '../archives/index.js';
import type { BackedUpTenant, BackedUpTombstone, BackupManifest } from './backup-manifest.js';
import type { BackupStore } from './backup-store.js';

/**
 * purged: and so it stays. there: it is in use, and nothing of it was touched. risen: it was purged and is here all the
 * same, as after a server's recovery to a moment before; nothing of it was touched.
 */
export type Outcome = { readonly id: string; readonly code: string } & (
  | { readonly status: 'restored'; readonly rows: number }
  | { readonly status: 'purged' | 'there' | 'risen' }
  | { readonly status: 'failed'; readonly error: string }
);
export interface RestoredBackup {
  readonly name: string;
  /** Rows of the platform's own that came back. */
  readonly platform: number;
  readonly tenants: readonly Outcome[];
}
export interface VerifiedTenant {
  readonly id: string;
  readonly code: string;
  readonly rows: number;
  readonly error: string | undefined;
}

/** Puts a backup back, or tries whether it could be. */
@Injectable()
export class BackupRestores {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly restores: TenantRestores,
    private readonly platformArchive: PlatformArchive,
    private readonly trials: ArchiveTrials,
  ) {}

  /**
   * The platform's own, then every tenant that is not in use; what fails is named, and a second call does only what is left.
   * @throws ArchiveRefused, before anything is written, where a file is not what the manifest says
   */
  async restore(
    store: BackupStore,
    name: string,
    onTenant: (outcome: Outcome) => void = () => undefined,
  ): Promise<RestoredBackup> {
    const manifest = await store.get(name);
    for (const file of [manifest.platform, ...manifest.tenants]) await store.readWhole(name, file);
    const platform = await this.platformArchive.restore(await store.read(name, manifest.platform.file));
    const purged = await this.bury(await tombstonesSince(store, name));
    const here = await this.here(manifest);
    const left = manifest.tenants.filter(({ id }) => !purged.has(id) && here.get(id) !== 'in_use');
    // guests are people of another tenant; whoever cannot be announced is told of when he is restored
    for (const { file } of left) await this.restores.bringPeople(await store.read(name, file)).catch(() => undefined);
    const tenants: Outcome[] = [];
    for (const tenant of manifest.tenants) {
      const { id, code } = tenant;
      const outcome: Outcome = purged.has(id)
        ? { id, code, status: here.has(id) ? 'risen' : 'purged' }
        : here.get(id) === 'in_use'
          ? { id, code, status: 'there' }
          : await this.one(await store.read(name, tenant.file), tenant);
      tenants.push(outcome);
      onTenant(outcome);
    }
    return { name, platform, tenants };
  }

  private async one(path: string, { id, code }: BackedUpTenant): Promise<Outcome> {
    try {
      const { rows } = await this.restores.restore(path);
      return { id, code, status: 'restored', rows };
    } catch (error) {
      return { id, code, status: 'failed', error: messageOf(error) };
    }
  }

  /** Restores each archive for trial, and takes it back; but for those of tenants that are purged by now. */
  async verify(
    store: BackupStore,
    name: string,
    onTenant: (tenant: VerifiedTenant) => void = () => undefined,
  ): Promise<VerifiedTenant[]> {
    const manifest = await store.get(name);
    await store.readWhole(name, manifest.platform);
    const verified: VerifiedTenant[] = [];
    const purged = await this.purged();
    for (const tenant of manifest.tenants.filter(({ id }) => !purged.has(id))) {
      const { id, code } = tenant;
      let found: VerifiedTenant;
      try {
        const { rows } = await this.trials.verify(await store.readWhole(name, tenant));
        found = { id, code, rows, error: undefined };
      } catch (error) {
        found = { id, code, rows: 0, error: messageOf(error) };
      }
      verified.push(found);
      onTenant(found);
    }
    return verified;
  }

  /** @returns the ids of all tenants that were purged, here or there */
  private async bury(tombstones: readonly BackedUpTombstone[]): Promise<ReadonlySet<string>> {
    await this.platform.query({
      text: `insert into core.tombstones (id, kind, organization_id, code, removed_at)
        select id, kind, organization_id, code, removed_at from json_to_recordset($1::json)
          as t (id uuid, kind text, organization_id uuid, code text, removed_at timestamptz) on conflict do nothing`,
      values: [JSON.stringify(tombstones)],
    });
    return this.purged();
  }

  private async purged(): Promise<ReadonlySet<string>> {
    const purged = await this.platform.query<{ id: string }>({
      text: `select id from core.tombstones where kind = 'tenant'`,
      values: [],
    });
    return new Set(purged.map(({ id }) => id));
  }

  private async here({ tenants }: BackupManifest): Promise<ReadonlyMap<string, 'in_use' | 'deleted'>> {
    const found = await this.platform.query<{ id: string; state: 'in_use' | 'deleted' }>({
      text: `select id, case when deleted_at is null then 'in_use' else 'deleted' end as state
        from core.organizations where id = any ($1)`,
      values: [tenants.map(({ id }) => id)],
    });
    return new Map(found.map(({ id, state }) => [id, state]));
  }
}

/** Those of the backup and of all later ones beside it. */
async function tombstonesSince(store: BackupStore, name: string): Promise<BackedUpTombstone[]> {
  const later = (await store.names()).filter((each) => each >= name);
  const manifests = await Promise.all(later.map((each) => store.get(each)));
  return manifests.flatMap(({ tombstones }) => tombstones);
}
