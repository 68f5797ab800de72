import { Command } from 'commander';
import { accessExplain } from './access-explain.js';
import { backup } from './backup.js';
import { backupVerify } from './backup-verify.js';
import type { Define } from './command.js';
import { config } from './config.js';
import { dbReset } from './db-reset.js';
import { doctor } from './doctor.js';
import { EXIT_HELP } from './exit.js';
import { migrate } from './migrate.js';
import { migrateCheck } from './migrate-check.js';
import { migrateCreate } from './migrate-create.js';
import { migrateDown } from './migrate-down.js';
import { migrateHistory } from './migrate-history.js';
import { migrateStamp } from './migrate-stamp.js';
import { migrateStatus } from './migrate-status.js';
import { openapi } from './openapi.js';
import { restore } from './restore.js';
import { seed } from './seed.js';
import { servers } from './servers.js';
import { tenantCreate } from './tenant-create.js';
import { tenantDelete } from './tenant-delete.js';
import { tenantExport } from './tenant-export.js';
import { tenantList } from './tenant-list.js';
import { tenantMove } from './tenant-move.js';
import { tenantRebalance } from './tenant-rebalance.js';
import { tenantResume } from './tenant-resume.js';
import { tenantRestore } from './tenant-restore.js';
import { userCreate } from './user-create.js';
import { verify } from './verify.js';

const GROUPS: Record<string, readonly Define[]> = {
  'Migrations:': [migrate, migrateDown, migrateStatus, migrateHistory, migrateStamp, migrateCreate, migrateCheck],
  'Tenants:': [
    tenantCreate,
    tenantList,
    tenantMove,
    tenantResume,
    tenantExport,
    tenantRestore,
    tenantDelete,
    servers,
    tenantRebalance,
  ],
  'Backups:': [backup, backupVerify, restore],
  'Data:': [seed, dbReset, userCreate],
  'Looking at it:': [verify, doctor, config, accessExplain, openapi],
};

/** The command line, with every command in it. Called wrongly it throws CommanderError, after it has said so. */
export function program(): Command {
  const whole = new Command('tenantry')
    .description('Runs and looks after a Tenantry installation.')
    .option('--json', 'print one JSON document on the standard output and nothing else there')
    .option('--verbose', 'tell more: details, warnings of the application, where an error came from')
    .helpCommand(false)
    .showHelpAfterError('(add --help for what there is)')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('afterAll', EXIT_HELP)
    .exitOverride();
  for (const [heading, commands] of Object.entries(GROUPS)) {
    whole.commandsGroup(heading);
    for (const define of commands) define(whole);
  }
  return whole;
}
