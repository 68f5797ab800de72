import { Backups } from '../../modules/backups/index.js';
import { backupFolder } from '../backup-folder.js';
import type { Session } from '../session.js';

/** A tenant that could not be backed up is a fault, and told among the others. */
export async function run(session: Session, { dir, keep }: { dir?: string; keep?: number }) {
  const services = await session.services();
  const folder = backupFolder(session, dir);
  const { name, manifest } = await services.get(Backups).make(folder, {
    onTenant: ({ code }, error) => {
      session.out.line(error === undefined ? `✓ ${code}` : `✗ ${code}: ${error}`);
    },
  });
  const { platform, tenants, failed } = manifest;
  // where one is missing the older ones may be the last that have it
  const removed = keep === undefined || failed.length > 0 ? [] : await folder.prune(keep);
  const sum = (of: 'rows' | 'bytes') => tenants.reduce((total, each) => total + each[of], platform[of]);
  session.out.line(
    `${String(tenants.length)} tenants, ${String(sum('rows'))} rows, ${String(sum('bytes'))} bytes: ${folder.path(name, '')}`,
  );
  for (const old of removed) session.out.line(`removed  ${old}`);
  return { ok: failed.length === 0, name, dir: folder.path(name, ''), removed, ...manifest };
}
