import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { messageOf } from '../../common/errors.js';
import { isProblem } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { PlatformArchive, TenantExports } from '../archives/index.js';
import {
  type BackedUpFile,
  type BackedUpTenant,
  type BackedUpTombstone,
  type BackupManifest,
  MANIFEST_FORMAT,
} from './backup-manifest.js';
import { backupName, type BackupStore } from './backup-store.js';

interface Standing {
  readonly id: string;
  readonly code: string;
}
interface Options {
  /** Told of each tenant that is done, or is not. */
  readonly onTenant?: (tenant: Standing, error?: string) => void;
  /** That it is to stop: nothing is left of it then. */
  readonly signal?: AbortSignal;
}

/** Also who is deleted and not purged yet; who is half-made has nothing yet. */
const TENANTS = `select o.id, o.tenant_code as code from core.organizations o join core.locations l on l.id = o.location_id
  where l.status <> 'provisioning' and not o.settings ? 'restoring' order by o.tenant_code_lower`;
const TOMBSTONES = `select id, kind, organization_id, code, to_char(removed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as removed_at
  from core.tombstones order by id`;
/** At once: each takes a connection to core and one to its place. */
const CONCURRENCY = 2;
/** A tenant that is being moved is waited for, this often. */
const TRIES = 6;
const PAUSE_MS = 5_000;

/** All tenants and the platform itself, each as an archive, in a folder of their own. */
@Injectable()
export class Backups {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly exports: TenantExports,
    private readonly platformArchive: PlatformArchive,
    @Inject(CONFIG) private readonly config: Pick<Config, 'version'>,
  ) {}

  /** One that fails keeps nobody else from being backed up, and is named. @throws where the platform's own part fails */
  async make(store: BackupStore, options: Options = {}): Promise<{ name: string; manifest: BackupManifest }> {
    const began = new Date();
    const name = backupName(began);
    await store.create(name);
    try {
      const { tenants, failed } = await this.exportTenants(store, name, options);
      const manifest: BackupManifest = {
        format: MANIFEST_FORMAT,
        version: this.config.version,
        began_at: began.toISOString(),
        platform: await this.exportPlatform(store, name),
        tenants,
        failed,
        tombstones: await this.platform.query<BackedUpTombstone>({ text: TOMBSTONES, values: [] }),
        ended_at: new Date().toISOString(),
      };
      options.signal?.throwIfAborted();
      await store.seal(name, manifest);
      return { name, manifest };
    } catch (error) {
      // what cannot be removed now has no manifest, and goes with what is pruned
      await store.remove(name).catch(() => undefined);
      throw error;
    }
  }

  private async exportTenants(
    store: BackupStore,
    name: string,
    { onTenant = () => undefined, signal }: Options,
  ): Promise<Pick<BackupManifest, 'tenants' | 'failed'>> {
    const tenants: BackedUpTenant[] = [];
    const failed: { id: string; code: string; error: string }[] = [];
    const left = await this.platform.query<Standing>({ text: TENANTS, values: [] });
    const one = async (tenant: Standing): Promise<void> => {
      try {
        tenants.push(await this.export(store, name, tenant, signal));
        onTenant(tenant);
      } catch (error) {
        signal?.throwIfAborted();
        // purged meanwhile
        if (!(await this.isThere(tenant))) return;
        const told = messageOf(error);
        failed.push({ ...tenant, error: told });
        onTenant(tenant, told);
      }
    };
    const next = async (): Promise<void> => {
      for (let tenant = left.shift(); tenant !== undefined; tenant = left.shift()) {
        signal?.throwIfAborted();
        await one(tenant);
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: CONCURRENCY }, next));
    // what is to be removed is written no more
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
    return { tenants: tenants.toSorted((a, b) => (a.code < b.code ? -1 : 1)), failed };
  }

  private async export(
    store: BackupStore,
    name: string,
    { id, code }: Standing,
    signal?: AbortSignal,
  ): Promise<BackedUpTenant> {
    const file = `${code.toLowerCase()}_${id.slice(-8)}.archive`;
    for (let tries = 1; ; tries++) {
      try {
        const { bytes, sha256, sums } = await store.write(name, file, (path) => this.exports.export(id, path, signal));
        return { id, code, file, bytes, sha256, rows: rowsIn(sums.tables) };
      } catch (error) {
        if (!isProblem(error, 'conflict') || tries === TRIES) throw error;
        await sleep(PAUSE_MS, undefined, signal === undefined ? {} : { signal });
      }
    }
  }

  private async exportPlatform(store: BackupStore, name: string): Promise<BackedUpFile> {
    const file = 'platform.archive';
    const { bytes, sha256, sums } = await store.write(name, file, (path) => this.platformArchive.export(path));
    return { file, bytes, sha256, rows: rowsIn(sums.tables) };
  }

  private async isThere({ id }: Standing): Promise<boolean> {
    const found = await this.platform.query({ text: 'select from core.organizations where id = $1', values: [id] });
    return found.length > 0;
  }
}

const rowsIn = (tables: readonly { readonly rows: number }[]): number =>
  tables.reduce((sum, { rows }) => sum + rows, 0);
