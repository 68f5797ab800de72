import { resolve } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { BackupPlaces, type BackupStore } from '../modules/backups/index.js';
import { usage } from './exit.js';
import type { Session } from './session.js';

/** Where backups are: what --dir says, else where this installation keeps them. */
export function backupStore(session: Session, services: INestApplicationContext, dir: string | undefined): BackupStore {
  const store = services.get(BackupPlaces).open(dir === undefined ? undefined : resolve(dir));
  return session.defer(store, () => store.release());
}

/** The name given, else that of the newest. Throws a CliError where there is no backup. */
export async function chosenBackup(store: BackupStore, named: string | undefined): Promise<string> {
  const names = await store.names();
  const name = named ?? names[0];
  if (name !== undefined && names.includes(name)) return name;
  if (name === undefined) throw usage(`There is no backup in ${store.describe()}.`, 'Make one by: tenantry backup');
  throw usage(`There is no backup ${name} in ${store.describe()}.`, `There are: ${names.join(', ') || 'none'}`);
}
