import 'reflect-metadata';
import { CommanderError } from 'commander';
import { tell } from './command.js';
import { EXIT } from './exit.js';
import { Output } from './output.js';
import { program } from './program.js';

/** Runs one command. The exit code is left in `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  // `tenantry … | head` has read what it wanted
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.fault),
  );
  try {
    await program().parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    // commander has said it already, but for a document
    if (args.includes('--json')) tell(new Output(true, false), error);
    process.exitCode = EXIT.usage;
  }
}
