import { resolve } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { TenantRestores } from '../../modules/archives/index.js';
import { backupStore, chosenBackup } from '../backup-store.js';
import { usage } from '../exit.js';
import type { Session } from '../session.js';

interface Source {
  readonly backup?: string | true | undefined;
  readonly dir?: string | undefined;
}
interface Options extends Source {
  readonly file?: string;
  readonly as?: string;
  readonly name?: string;
  readonly adminEmail?: string;
  readonly isolation?: string;
  readonly server?: string;
}

export async function run(session: Session, named: string | undefined, { file, backup, dir, ...asked }: Options) {
  if ((file === undefined) === (backup === undefined) || (named === undefined) !== (backup === undefined))
    throw usage('What is restored is not clear.', 'Give --file, or a tenant and --backup.');
  if (asked.as === undefined && (asked.name !== undefined || asked.adminEmail !== undefined))
    throw usage('--name and --admin-email are of a new tenant.', 'Give its code by --as, or leave them out.');
  const services = await session.services();
  const path = file === undefined ? await archiveOf(session, services, named ?? '', { backup, dir }) : resolve(file);
  const { id, code, rows, files, takenAt } = await services.get(TenantRestores).restore(path, asked);
  session.out.line(`✓ Restored ${code}, id ${id}: ${String(rows)} rows and ${String(files)} files as of ${takenAt}.`);
  return { ok: true, id, tenant_code: code, rows, files, taken_at: takenAt };
}

/** Of a tenant in a backup: core may not know it any more. */
async function archiveOf(
  session: Session,
  services: INestApplicationContext,
  named: string,
  { backup, dir }: Source,
): Promise<string> {
  const store = backupStore(session, services, dir);
  const name = await chosenBackup(store, backup === true ? undefined : backup);
  const { tenants } = await store.get(name);
  const wanted = named.toLowerCase();
  const found = tenants.find(({ code, id }) => code.toLowerCase() === wanted || id === wanted);
  if (found !== undefined) return store.readWhole(name, found);
  throw usage(
    `There is no tenant ${named} in the backup ${name}.`,
    `There are: ${tenants.map(({ code }) => code).join(', ')}`,
  );
}
