import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it, expect } from '@jest/globals';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, type Log, type LogOptions } from './log.js';
import { NestLogger } from './nest-logger.js';

const start = async (
  logLevel: LogOptions['logLevel'] = 'info',
): Promise<{ log: Log; lines: () => Record<string, unknown>[] }> => {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text), flushSync: () => undefined };
  const log = await createLog({ logLevel, logFile: undefined, logPretty: false }, stdout);
  return { log, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
};

describe('the log', () => {
  it('is lines of JSON with level, time and message', async () => {
    const { log, lines } = await start();
    log.logger.info({ a: 1 }, 'hello');
    expect(lines()).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), a: 1, msg: 'hello' },
    ]);
  });
  it('leaves out what is below its level', async () => {
    const { log, lines } = await start('warn');
    log.logger.info('no');
    log.logger.warn('yes');
    expect(lines()).toHaveLength(1);
    expect([log.isEnabled('info'), log.isEnabled('error')]).toEqual([false, true]);
  });
  it('writes nothing secret, however deep it was handed over', async () => {
    const { log, lines } = await start();
    log.logger.info({
      authorization: 'hidden',
      headers: { authorization: 'hidden', cookie: 'hidden', 'x-api-key': 'hidden', 'set-cookie': 'hidden' },
      request: { body: { password: 'hidden', token: 'hidden', refresh_token: 'hidden', name: 'shown' } },
      config: { secretKey: 'hidden' },
    });
    expect(JSON.stringify(lines())).not.toContain('hidden');
    expect(lines()[0]).toMatchObject({
      headers: { authorization: '[redacted]' },
      request: { body: { name: 'shown' } },
    });
  });
  it('goes to a file as well, its folder being made', async () => {
    const logFile = join(mkdtempSync(join(tmpdir(), 'log-')), 'deep', 'app.log');
    const log = await createLog(
      { logLevel: 'info', logFile, logPretty: false },
      { write: () => undefined, flushSync: () => undefined },
    );
    log.logger.info('kept');
    log.writeLine('{"msg":"raw"}\n');
    log.flush();
    // pino's destination may have the batch on its way already: then it lands a moment after the flush
    for (const end = Date.now() + 5_000; readFileSync(logFile, 'utf8') === '' && Date.now() < end;) await sleep(5);
    expect(readFileSync(logFile, 'utf8')).toMatch(/"msg":"kept"}\n{"msg":"raw"}\n$/);
  });
});

describe('NestLogger', () => {
  it('writes text, its context and errors with their stack', async () => {
    const { log, lines } = await start();
    const nest = new NestLogger(log.logger);
    nest.log('started', 'App');
    nest.error('failed', 'Error: x\n    at y', 'App');
    nest.error(new TypeError('broken'), undefined, 'App');
    expect(lines()).toMatchObject([
      { level: 'info', msg: 'started', context: 'App' },
      { level: 'error', msg: 'failed', context: 'App', stack: 'Error: x\n    at y' },
      {
        level: 'error',
        msg: 'broken',
        context: 'App',
        err: { type: 'TypeError', stack: expect.stringContaining('at ') },
      },
    ]);
  });
  it('makes fields of an object', async () => {
    const { log, lines } = await start();
    new NestLogger(log.logger).warn({ request_id: 'r1', err: new Error('cause'), message: 'answered 503' }, 'Problem');
    expect(lines()).toMatchObject([
      { level: 'warn', msg: 'answered 503', request_id: 'r1', err: { message: 'cause' }, context: 'Problem' },
    ]);
  });
  it('keeps the wiring of Nest for those who debug it', async () => {
    const { log, lines } = await start();
    new NestLogger(log.logger).log('Mapped {/api/v1/leads, GET} route', 'RouterExplorer');
    expect(lines()).toEqual([]);
  });
});
