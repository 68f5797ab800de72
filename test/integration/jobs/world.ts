import { setTimeout as sleep } from 'node:timers/promises';
import type { Jobs } from '../../../src/platform/jobs/index.js';
import { startApp, type TestApp } from '../../support/app.js';
import type { TestDatabase } from '../../support/database.js';
import { jobs as jobsModule } from '../../support/dist.js';
import { planeOf } from '../../support/plane.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';

/** A job as the queue has it. */
export interface StoredJob {
  readonly id: string;
  readonly state: string;
  readonly retry_count: number;
  readonly output: { message?: string } | null;
}

/** A node that does jobs, and tenants that it does them for. */
export interface World {
  readonly app: TestApp;
  readonly jobs: Jobs;
  readonly plane: ReturnType<typeof planeOf>;
  readonly mine: Tenant;
  readonly theirs: Tenant;
  /** Sends as a tenant. */
  send(tenant: Tenant, ...job: Parameters<Jobs['send']>): Promise<string>;
  stored(id: string): Promise<StoredJob>;
  ended(id: string): Promise<StoredJob>;
  /** A kind that nobody else uses. */
  newKind(): string;
}

export async function makeWorld(given?: TestDatabase, environment: Record<string, string> = {}): Promise<World> {
  const app = await startApp(given, environment);
  const [mine, theirs] = await Promise.all([tenantOf(app.database, 'testcorp'), tenantOf(app.database, 'globex')]);
  const plane = planeOf(app.app);
  const jobs = app.app.get(jobsModule.Jobs);
  const stored = async (id: string): Promise<StoredJob> => {
    const [job] = await app.database.sql<StoredJob>(
      'select id, state, retry_count, output from pgboss.job where id = $1',
      [id],
    );
    if (job === undefined) throw new Error(`there is no job ${id}`);
    return job;
  };
  return {
    ...{ app, jobs, plane, mine, theirs, stored },
    send: (tenant, ...job) => plane.tenancy.run(tenant.id, () => jobs.send(...job)),
    ended: async (id) => {
      await until(async () => /^(completed|failed|cancelled)$/.test((await stored(id)).state));
      return stored(id);
    },
    newKind: () => `test.${Math.random().toString(36).slice(2)}`,
  };
}

export async function until(done: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end;) {
    if (await done()) return;
    await sleep(20);
  }
  throw new Error('it did not come to pass');
}
