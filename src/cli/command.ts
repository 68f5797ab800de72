import type { Command } from 'commander';
import { CommanderError, InvalidArgumentError } from 'commander';
import { EXIT } from './exit.js';
import { explain } from './explain.js';
import { Output } from './output.js';
import { Session } from './session.js';

/** What a command answers: the document of --json, without what is undefined. `ok: false` is exit code 1. */
export interface Answer {
  readonly ok: boolean;
  readonly [key: string]: unknown;
}
/** What a command does: its parameters after the session are the command's arguments and then its options. */
type Work = (session: Session, ...given: never[]) => Promise<Answer>;
/** Adds one command to the program. */
export type Define = (program: Command) => void;

/** What ends a command before its time, and the exit code then: 128 and the signal's number, as shells have it. */
const INTERRUPTIONS = { SIGINT: 130, SIGTERM: 143 } as const;
type Interruption = keyof typeof INTERRUPTIONS;

/** The handler of a command: opens a session, works, prints the document, closes whatever happened. */
export function action(work: Work): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const { json = false, verbose = false } = command.optsWithGlobals<{ json?: boolean; verbose?: boolean }>();
    const session = new Session(new Output(json, verbose));
    const interrupted = (signal: Interruption): void =>
      void session.interrupt().finally(() => process.exit(INTERRUPTIONS[signal]));
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    try {
      // commander's handlers are untyped; the options are declared beside the handler
      const answer = await work(session, ...(given.slice(0, -1) as never[]));
      session.out.document(answer);
      process.exitCode = answer.ok ? EXIT.ok : EXIT.fault;
    } catch (error) {
      tell(session.out, error);
    } finally {
      session.out.clear();
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      await session.close().catch((error: unknown) => tell(session.out, error));
    }
  };
}

/**
 * The work of a command in a module of its own, loaded when the command is called: it takes the whole application with
 * it, which neither --help nor a wrong call needs.
 */
export const later =
  (load: () => Promise<{ readonly run: Work }>): Work =>
  async (...given) =>
    (await load()).run(...given);

/** Tells of an error in one sentence (with --verbose also where it came from) and sets the exit code. */
export function tell(out: Output, error: unknown): void {
  const { exit, ...told } = explain(error);
  process.exitCode = exit;
  out.document({ ok: false, error: told });
  // commander has said it already
  if (error instanceof CommanderError) return;
  out.error(`error: ${told.message}`);
  if (told.hint !== undefined) out.error(told.hint);
  if (out.verbose && error instanceof Error) out.error(error.stack ?? '');
}

/** Parses an option that counts something. */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return value;
}
