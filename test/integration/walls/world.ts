import type { EntityManager } from '@mikro-orm/postgresql';
import { startApp, type TestApp } from '../../support/app.js';
import { planeOf } from '../../support/plane.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';

/** Two tenants in one shared location, one of which tries to reach the other. */
export interface World {
  readonly app: TestApp;
  readonly em: EntityManager;
  readonly mine: Tenant;
  readonly theirs: Tenant;
  /** Of the other tenant: the row that must not be seen or changed. */
  readonly theirLead: string;
  readonly myLead: string;
  /** Runs as a user of `mine`, in a scope of its own. */
  asMine<T>(work: () => Promise<T>): Promise<T>;
  /** The same in one unit of work. */
  inUnit<T>(work: () => Promise<T>): Promise<T>;
  /** What the other tenant's leads are, whole. */
  theirRows(): Promise<unknown[]>;
  plane: ReturnType<typeof planeOf>;
}

export async function makeWorld(): Promise<World> {
  const app = await startApp();
  const { database } = app;
  const [mine, theirs] = await Promise.all([tenantOf(database, 'testcorp'), tenantOf(database, 'globex')]);
  const leadOf = async ({ id }: Tenant) => {
    const [lead] = await database.sql<{ id: string }>(
      'select id from shared.crm_leads where organization_id = $1 order by id limit 1',
      [id],
    );
    return lead?.id ?? '';
  };
  const [myLead, theirLead] = await Promise.all([leadOf(mine), leadOf(theirs)]);
  const plane = planeOf(app.app);
  const actor = { kind: 'user' as const, id: mine.adminId };
  const asMine = <T>(work: () => Promise<T>) => plane.tenancy.run(mine.id, work, actor);
  return {
    app,
    em: plane.em,
    plane,
    mine,
    theirs,
    myLead,
    theirLead,
    asMine,
    inUnit: (work) => asMine(() => plane.tenancy.transaction(work)),
    theirRows: () => database.sql('select * from shared.crm_leads where organization_id = $1 order by id', [theirs.id]),
  };
}
