import { Backups } from '../../modules/backups/index.js';
import { backupStore } from '../backup-store.js';
import type { Session } from '../session.js';

/** A tenant that could not be backed up is a fault, and told among the others. */
export async function run(session: Session, { dir, keep }: { dir?: string; keep?: number }) {
  const services = await session.services();
  const store = backupStore(session, services, dir);
  const making = services.get(Backups).make(store, {
    signal: session.signal,
    onTenant: ({ code }, error) => {
      session.out.line(error === undefined ? `✓ ${code}` : `✗ ${code}: ${error}`);
    },
  });
  const { name, manifest } = await session.defer(making, () => Promise.allSettled([making]));
  const { platform, tenants, failed } = manifest;
  // where one is missing the older ones may be the last that have it
  const removed = keep === undefined || failed.length > 0 ? [] : await store.prune(keep);
  const sum = (of: 'rows' | 'bytes') => tenants.reduce((total, each) => total + each[of], platform[of]);
  session.out.line(
    `${String(tenants.length)} tenants, ${String(sum('rows'))} rows, ${String(sum('bytes'))} bytes: ${store.describe(name)}`,
  );
  for (const old of removed) session.out.line(`removed  ${old}`);
  return { ok: failed.length === 0, name, dir: store.describe(name), removed, ...manifest };
}
