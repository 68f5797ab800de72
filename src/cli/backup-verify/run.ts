import { BackupRestores } from '../../modules/backups/index.js';
import { backupStore, chosenBackup } from '../backup-store.js';
import type { Session } from '../session.js';

export async function run(session: Session, named: string | undefined, { dir }: { dir?: string }) {
  const services = await session.services();
  const store = backupStore(session, services, dir);
  const name = await chosenBackup(store, named);
  const tenants = await services.get(BackupRestores).verify(store, name, ({ code, rows, error }) => {
    session.out.line(error === undefined ? `✓ ${code}, ${String(rows)} rows` : `✗ ${code}: ${error}`);
  });
  const bad = tenants.filter(({ error }) => error !== undefined);
  session.out.line(
    bad.length === 0
      ? `The backup ${name} can be restored: ${String(tenants.length)} tenants.`
      : `The backup ${name} cannot be restored as a whole: ${bad.map(({ code }) => code).join(', ')}.`,
  );
  return { ok: bad.length === 0, name, tenants };
}
