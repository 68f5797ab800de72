import { type DynamicModule, Global, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { EntityClass } from '@mikro-orm/postgresql';
import { CONFIG, type Config } from '../config/index.js';
import {
  AccessGuard,
  AccessListener,
  Freshness,
  ListenConnections,
  PlatformVisits,
  Refusals,
  Snapshots,
  TenantNames,
} from './access/index.js';
import { type DatabaseUrls, listenConnection, LocationMaker, pendingMigrations, Pools } from './database/index.js';
import { EventHandlers, Outbox, OutboxPublisher } from './events/index.js';
import { JobKinds, JobOutcomes, JobQueue, JobRunner, Jobs, JobWorkers } from './jobs/index.js';
import { Mailer } from './mail/index.js';
import { HEALTH_CHECKS, type Figures, type HealthCheck, Metrics, ObservabilityModule } from './observability/index.js';
import { resourceProviders } from './resources/index.js';
import { ObjectStore, openStore, Storage } from './storage/index.js';
import { PlatformStorage } from './storage/platform.js';
import { AuditPartitions, CoreUnit, entityManagers, Orms, Placements, Tenancy } from './tenancy/index.js';
import { PlatformUnit } from './tenancy/platform.js';

export interface PlatformOptions {
  readonly config: Config;
  readonly database: { readonly urls: DatabaseUrls };
  readonly coreEntities: EntityClass[];
  readonly tenantEntities: EntityClass[];
}

/** What every feature stands on. Global: a feature injects, and imports no module for it. */
@Global()
@Module({})
export class PlatformModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly orms: Orms,
    private readonly pools: Pools,
    private readonly snapshots: Snapshots,
    private readonly metrics: Metrics,
    private readonly store: ObjectStore,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    const { jobs, metrics, snapshots, pools, store } = this;
    jobs.schedule('storage.tidy', '17 * * * *', () => store.tidy());
    metrics.counter('tenantry_snapshot_hits_total', 'Decisions from a snapshot in memory', () => snapshots.hits);
    metrics.counter(
      'tenantry_snapshot_misses_total',
      'Decisions that had to wait for the database',
      () => snapshots.misses,
    );
    metrics.gauge('tenantry_snapshot_bytes', 'Bytes of the snapshots in memory', () => snapshots.size.bytes);
    const connections = (): Figures =>
      pools.usage().flatMap(({ login, server, database, total, idle, waiting }) =>
        Object.entries({ busy: total - idle, idle, waiting }).map(([state, value]) => ({
          labels: { pool: `${login}@${server}/${database}`, state },
          value,
        })),
      );
    metrics.gauge('tenantry_pool_connections', 'Connections by pool, and requests that wait for one', connections, [
      'pool',
      'state',
    ]);
  }

  static forRoot({ config, database, coreEntities, tenantEntities }: PlatformOptions): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      {
        provide: Pools,
        useFactory: () =>
          new Pools(database.urls, {
            max: config.poolMax,
            tenantMax: config.tenantMaxConnections,
            lifetimeMs: config.connectionLifetimeMs,
          }),
      },
      { provide: LocationMaker, useFactory: () => new LocationMaker(database.urls) },
      { provide: Orms, inject: [Pools], useFactory: (pools: Pools) => Orms.init(pools, coreEntities, tenantEntities) },
      {
        provide: ListenConnections,
        inject: [Pools],
        useFactory: (pools: Pools): ListenConnections => ({
          open: () => listenConnection(pools.servers.url('platform')),
        }),
      },
      { provide: ObjectStore, useFactory: () => openStore(config) },
      { provide: HEALTH_CHECKS, inject: [Pools, AccessListener, JobWorkers, CONFIG], useFactory: healthChecks },
      ...entityManagers,
      ...[Placements, Tenancy, CoreUnit, PlatformUnit, Freshness, Snapshots, TenantNames],
      ...[PlatformVisits, AccessListener, Refusals, AuditPartitions],
      ...[Outbox, EventHandlers, OutboxPublisher, Mailer, ...resourceProviders],
      ...[Jobs, JobKinds, JobQueue, JobRunner, JobOutcomes, JobWorkers],
      ...[Storage, PlatformStorage],
    ];
    return {
      module: PlatformModule,
      imports: [ObservabilityModule],
      providers: [...providers, { provide: APP_GUARD, useClass: AccessGuard }],
      exports: providers,
    };
  }

  /** Last of all: what drains before still needs its connections. */
  async onApplicationShutdown(): Promise<void> {
    this.store.close();
    await this.orms.close();
    await this.pools.close();
  }
}

/** What this node needs to serve; answered at /health/ready. */
const healthChecks = (pools: Pools, listener: AccessListener, workers: JobWorkers, config: Config): HealthCheck[] => [
  {
    name: 'database',
    check: async () => {
      await pools.get('app').query('select 1');
    },
  },
  {
    name: 'migrations',
    check: async () => {
      const pending = await pendingMigrations(pools, config.sharedSchema);
      if (pending.length > 0) throw new Error(`pending: ${pending.join(', ')}`);
    },
  },
  {
    name: 'listener',
    check: () => (listener.trusted ? Promise.resolve() : Promise.reject(new Error('changes are not heard'))),
  },
  { name: 'queue', check: () => workers.check() },
];
