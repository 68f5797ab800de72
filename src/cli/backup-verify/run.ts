import { BackupRestores } from '../../modules/backups/index.js';
import { backupFolder, chosenBackup } from '../backup-folder.js';
import type { Session } from '../session.js';

export async function run(session: Session, named: string | undefined, { dir }: { dir?: string }) {
  const services = await session.services();
  const folder = backupFolder(session, dir);
  const name = await chosenBackup(folder, named);
  const tenants = await services.get(BackupRestores).verify(folder, name, ({ code, rows, error }) => {
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
