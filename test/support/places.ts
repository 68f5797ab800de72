import { randomUUID } from 'node:crypto';
import type { TestDatabase } from './database.js';
import { database as product, tenancy } from './dist.js';

export type Isolation = 'shared' | 'schema' | 'database';
export const ISOLATIONS: readonly Isolation[] = ['shared', 'schema', 'database'];

/** A location of one tenant's own that is ready, with nobody there yet. */
export interface OwnPlace {
  readonly id: string;
  /** null: the main database. */
  readonly database: string | null;
  readonly schema: string;
}

/** Makes a place for one tenant, past the feature that decides who may have one. */
export async function newPlace({ sql, urls }: TestDatabase, isolation: 'schema' | 'database'): Promise<OwnPlace> {
  const id = randomUUID();
  const name = `tenant_${id.slice(0, 8)}`;
  const maker = new product.LocationMaker(urls);
  await (isolation === 'schema'
    ? maker.makeSchema(name)
    : maker.makeDatabase({ server: 'main', database: name, location: id }));
  const database = isolation === 'schema' ? null : name;
  const place = { id, database, schema: database === null ? name : product.TENANT_SCHEMA };
  await sql(
    `insert into core.locations (id, isolation, server, database_name, schema_name, status, migration)
     select $1, $2, 'main', $3, $4, 'ready', migration from core.locations where isolation = 'shared' limit 1`,
    [place.id, isolation, database, place.schema],
  );
  return place;
}

/** Moves a tenant to such a place, with nobody in the way. */
export async function moveTo({ urls }: TestDatabase, organizationId: string, { id }: OwnPlace): Promise<void> {
  const pools = new product.Pools(urls, { max: 1, tenantMax: 2, lifetimeMs: 60_000 });
  const moves = new tenancy.TenantMoves(pools, { prepare: () => Promise.resolve() }, { moveRetentionMs: 0 });
  try {
    await moves.run(await moves.request(organizationId, id));
  } finally {
    await pools.close();
  }
}
