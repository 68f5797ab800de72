import { describe, expect, it } from '@jest/globals';
import { CommanderError } from 'commander';
import { program } from './program.js';

/** Parses a call that must not be let through, and gives what was said. */
async function refused(...args: string[]): Promise<{ error: unknown; said: string }> {
  let said = '';
  const whole = program();
  for (const command of [whole, ...whole.commands])
    command.configureOutput({ writeErr: (text) => void (said += text) });
  const error: unknown = await whole.parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, said };
}

describe('the command line', () => {
  it.each([
    [['mgrate'], /unknown command 'mgrate'\n\(Did you mean migrate\?\)/],
    [['migrate', '--dry'], /unknown option '--dry'/],
    [['migrate', '--steps', '0'], /It is a whole number from 1 on\./],
    [['migrate:down', '--all', '--to', 'x'], /cannot be used with option/],
    [['migrate:create', 'x'], /required option '--plane <plane>' not specified/],
    [['user:create', '--email', 'a@b.example', '--platform', '--role', 'admin'], /cannot be used with option/],
  ])('refuses %j before anything is opened, with a hint', async (args, sentence) => {
    const { error, said } = await refused(...args);
    expect(error).toBeInstanceOf(CommanderError);
    expect(said).toMatch(sentence);
    expect(said).toMatch(/--help/);
  });

  it('tells of every command what it does, and the exit codes', () => {
    for (const command of program().commands) {
      expect(command.description()).not.toBe('');
      let help = '';
      command.configureOutput({ writeOut: (text) => void (help += text) });
      command.outputHelp();
      expect(help).toContain('--json');
      expect(help).toContain('4  the database cannot be reached');
    }
  });
});
