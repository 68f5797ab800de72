import { describe, expect, it } from '@jest/globals';
import { CommanderError } from 'commander';
import { invalid, NotFound } from '../common/problem.js';
import { ConfigError } from '../config/index.js';
import { CliError, EXIT, usage } from './exit.js';
import { explain } from './explain.js';

const withCode = (error: Error, code: string): Error => Object.assign(error, { code });

describe('what a caller is told of an error', () => {
  it.each([
    ['the network', withCode(new Error('connect ECONNREFUSED 127.0.0.1:5432'), 'ECONNREFUSED')],
    [
      'every address of a host',
      withCode(new AggregateError([new Error('connect ECONNREFUSED ::1:5432')], ''), 'ECONNREFUSED'),
    ],
    ['PostgreSQL itself', withCode(new Error('password authentication failed for user "x"'), '28P01')],
    ['a pool that waited', new Error('timeout expired')],
    [
      'what another error was caused by',
      new Error('core: a migration failed', {
        cause: withCode(new Error('the database system is starting up'), '57P03'),
      }),
    ],
  ])('is 4 with a hint when the database is refused by %s', (_, error) => {
    expect(explain(error)).toMatchObject({
      exit: EXIT.unreachable,
      code: 'database_unreachable',
      message: expect.stringMatching(/^The database cannot be reached: .+\.$/),
      hint: expect.any(String),
    });
  });

  it('names the first address that was tried, for an error that has no words of its own', () => {
    const error = withCode(new AggregateError([new Error('connect ECONNREFUSED ::1:5432')], ''), 'ECONNREFUSED');
    expect(explain(error).message).toBe('The database cannot be reached: connect ECONNREFUSED ::1:5432.');
  });

  it.each(['42P01', '3F000', '42883'])('says that migrations are missing for SQLSTATE %s', (code) => {
    expect(explain(withCode(new Error('relation "core.users" does not exist'), code))).toEqual({
      exit: EXIT.fault,
      code: 'failed',
      message: 'The database is not migrated.',
      hint: 'Run: tenantry migrate',
    });
  });

  it('is 3 with every fault of a configuration', () => {
    const faults = [{ name: 'PORT', wrong: 'is not a whole number', remedy: 'Write one.' }];
    expect(explain(new ConfigError(faults))).toMatchObject({ exit: EXIT.configuration, code: 'configuration', faults });
  });

  it.each([
    ['a wrong call', usage('There is no tenant "x".', 'Give its code.')],
    ['an option that there is not', new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'")],
    ['a value that is none', invalid('access', 'unknown_access', 'must be a resource and an action')],
    ['a thing that is not there', NotFound()],
  ])('is 2 for %s', (_, error) => {
    expect(explain(error)).toMatchObject({ exit: EXIT.usage, code: 'usage' });
  });

  it('keeps the exit code that a command chose', () => {
    expect(explain(new CliError(EXIT.configuration, 'Not set.', 'Set it.'))).toEqual({
      exit: EXIT.configuration,
      code: 'configuration',
      message: 'Not set.',
      hint: 'Set it.',
    });
  });

  it('is 1 for everything else, in the first paragraph of its words and without a stack', () => {
    const error = new Error('Nest cannot resolve this.\n\nPotential solutions:\n- none');
    expect(explain(error)).toEqual({ exit: EXIT.fault, code: 'failed', message: 'Nest cannot resolve this.' });
  });
});
