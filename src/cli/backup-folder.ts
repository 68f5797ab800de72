import { join, resolve } from 'node:path';
import { BackupFolder } from '../modules/backups/index.js';
import { usage } from './exit.js';
import type { Session } from './session.js';

/** Where backups are: what --dir says, else beside the other data. */
export const backupFolder = (session: Session, dir: string | undefined): BackupFolder =>
  new BackupFolder(dir === undefined ? join(session.config().dataDir, 'backups') : resolve(dir));

/** The name given, else that of the newest. Throws a CliError where there is no backup. */
export async function chosenBackup(folder: BackupFolder, named: string | undefined): Promise<string> {
  const names = await folder.names();
  const name = named ?? names[0];
  if (name !== undefined && names.includes(name)) return name;
  if (name === undefined) throw usage(`There is no backup in ${folder.root}.`, 'Make one by: tenantry backup');
  throw usage(`There is no backup ${name} in ${folder.root}.`, `There are: ${names.join(', ') || 'none'}`);
}
