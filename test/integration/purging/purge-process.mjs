// A purge as a process of its own, to be killed: tells each step it passes, and stays at the one that it is told to.
import { LocationMaker, Pools } from '../../../dist/src/platform/database/index.js';
import { TenantPurges } from '../../../dist/src/platform/tenancy/index.js';

const { urls, id, step } = JSON.parse(process.argv[2]);
const pools = new Pools(urls, { max: 2, lifetimeMs: 60_000, tenantMax: 2 });
const maker = new LocationMaker(urls);
const purges = new TenantPurges(pools, {
  canDrop: () => true,
  drop: ({ schema }) => maker.dropSchema(schema),
  stored: () => Promise.resolve({ files: 0, bytes: 0 }),
  clear: () => Promise.resolve(),
});
await purges.run(id, { kind: 'deleted', graceMs: 0 }, (name) => {
  if (name !== step) return undefined;
  process.stdout.write('here\n');
  return new Promise(() => undefined);
});
await pools.close();
