import { BackupRestores, type Outcome } from '../../modules/backups/index.js';
import { backupStore, chosenBackup } from '../backup-store.js';
import type { Session } from '../session.js';

/** A tenant that is in use is left as it is, which is a fault like one that fails: not all of the backup is back. */
export async function run(session: Session, named: string | undefined, { dir }: { dir?: string }) {
  const services = await session.services();
  const store = backupStore(session, services, dir);
  const name = await chosenBackup(store, named);
  const restored = await services.get(BackupRestores).restore(store, name, (outcome) => {
    session.out.line(lineOf(outcome));
  });
  session.out.line(`✓ the platform's own, ${String(restored.platform)} rows`);
  return { ok: restored.tenants.every(({ status }) => status === 'restored' || status === 'purged'), ...restored };
}

function lineOf(outcome: Outcome): string {
  switch (outcome.status) {
    case 'restored':
      return `✓ ${outcome.code}, ${String(outcome.rows)} rows`;
    case 'purged':
      return `- ${outcome.code} was purged, and stays so`;
    case 'risen':
      return `✗ ${outcome.code} was purged, and is here again: tenantry tenant:delete ${outcome.code} --purge --confirm ${outcome.code}`;
    case 'there':
      return `- ${outcome.code} is there and in use: left as it is`;
    case 'failed':
      return `✗ ${outcome.code}: ${outcome.error}`;
  }
}
