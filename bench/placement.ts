import { randomUUID } from 'node:crypto';
import { LocationMaker, MAIN_SERVER, Pools, TENANT_SCHEMA } from '../src/platform/database/index.js';
import { TenantMoves } from '../src/platform/tenancy/index.js';
import { asSuperuser, type Database } from './cluster.js';
import { administrators, DATA, fill, type Person } from './data.js';
import { type Bench, measure, ratiosOf } from './measure.js';
import { prepareDatabase, settle } from './prepare.js';
import { type Line, MUST } from './report.js';
import { lists, withTokens } from './requests.js';
import { startProduct, tokensFor } from './server.js';

/** Tenants in each placement, which the load rotates over: so many databases have as many connections as they want. */
const TENANTS = 10;
const DAY_MS = 86_400_000;
const OWN = ['schema', 'database'] as const;
type Own = (typeof OWN)[number];

/** The same list, of tenants in the shared tables, in schemas and in databases of their own, asked of one server. */
export async function measurePlacement(bench: Bench): Promise<{ lines: Line[]; ratios: Record<Own, number> }> {
  const organizations = TENANTS * (1 + OWN.length);
  const database = await prepareDatabase(bench.cluster, 'bench_placed', (empty) =>
    fill(empty, { organizations, members: 1, leads: DATA.leads }),
  );
  const people = await administrators(database, organizations);
  const mine = (part: number): Person[] => people.slice(part * TENANTS, (part + 1) * TENANTS);
  await place(database, { schema: mine(1), database: mine(2) });
  const server = await startProduct(database);
  const side = async (name: string, asking: readonly Person[]) => {
    const requests = lists(withTokens(asking, await tokensFor(server, asking)));
    return { name, server, requests };
  };
  const shared = await side('shared tables', mine(0));
  const own = { schema: await side('a schema each', mine(1)), database: await side('a database each', mine(2)) };
  const samples = await measure(bench, [shared, own.schema, own.database]);
  await server.stop();
  const of = (kind: Own) => ratiosOf(samples.get(own[kind]) ?? [], samples.get(shared) ?? []);
  return {
    lines: [
      { name: shared.name, samples: samples.get(shared) ?? [] },
      ...OWN.map((kind) => ({
        name: own[kind].name,
        samples: samples.get(own[kind]) ?? [],
        ratios: of(kind),
        must: MUST.placement,
      })),
    ],
    ratios: { schema: of('schema').ratio, database: of('database').ratio },
  };
}

/** Moves tenants to places of their own, as they are moved when they are used. */
async function place(main: Database, tenants: Readonly<Record<Own, readonly Person[]>>): Promise<void> {
  const maker = new LocationMaker(main);
  const pools = new Pools(main, { max: 2, lifetimeMs: DAY_MS, tenantMax: 2 });
  const moves = new TenantMoves(pools, { prepare: () => Promise.resolve() }, { moveRetentionMs: DAY_MS });
  for (const kind of OWN) {
    for (const [at, { organizationId }] of tenants[kind].entries()) {
      const name = `tenant_${kind}_${String(at)}`;
      const location = randomUUID();
      await (kind === 'schema'
        ? maker.makeSchema(name)
        : maker.makeDatabase({ server: MAIN_SERVER, database: name, location }));
      const where = kind === 'schema' ? [null, name] : [name, TENANT_SCHEMA];
      await asSuperuser(main.superuser, (client) =>
        client.query(
          `insert into core.locations (id, isolation, server, database_name, schema_name, status, migration)
           select $1, $2, $3, $4, $5, 'ready', migration from core.locations where isolation = 'shared'`,
          [location, kind, MAIN_SERVER, ...where],
        ),
      );
      await moves.run(await moves.request(organizationId, location));
      if (kind === 'database') await settle(new URL(`/${name}`, main.superuser).href);
    }
  }
  await pools.close();
  await settle(main.superuser);
}
