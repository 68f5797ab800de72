import { Option } from 'commander';
import { action, type Define, later } from './command.js';

const INSTEAD = ['to', 'abort', 'resume', 'rollback'];
const others = (own: string): string[] => INSTEAD.filter((each) => each !== own);

export const tenantMove: Define = (program) => {
  program
    .command('tenant:move')
    .description('move a tenant to another location while it is used; without an option: its last move')
    .argument('<tenant>', 'code or id')
    .addOption(
      new Option('--to <isolation>', 'where').choices(['shared', 'schema', 'database']).conflicts(others('to')),
    )
    .option('--server <name>', 'for a database of its own: one of TENANT_SERVERS, or main')
    .addOption(new Option('--abort', 'take the move back that is under way').conflicts(others('abort')))
    .addOption(new Option('--resume', 'go on with a move whose mover died').conflicts(others('resume')))
    .addOption(
      new Option('--rollback', 'bring it back where it was before its last move').conflicts(others('rollback')),
    )
    .action(action(later(() => import('./tenant-move/run.js'))));
};
