// A mover as a process of its own, to be killed: tells each step it passes, and stays at the one that it is told to.
import { Pools } from '../../../dist/src/platform/database/index.js';
import { TenantMoves } from '../../../dist/src/platform/tenancy/index.js';

const { urls, id, step, after } = JSON.parse(process.argv[2]);
const pools = new Pools(urls, { max: 2, lifetimeMs: 60_000, tenantMax: 2 });
const moves = new TenantMoves(pools, { prepare: () => Promise.resolve() }, { moveRetentionMs: 86_400_000 });
const passed = new Set();
await moves.run(id, (name) => {
  if (name === step && (after === undefined || passed.has(after))) {
    process.stdout.write('here\n');
    return new Promise(() => undefined);
  }
  passed.add(name);
  process.stdout.write(`${name}\n`);
  return undefined;
});
process.stdout.write('done\n');
await pools.close();
