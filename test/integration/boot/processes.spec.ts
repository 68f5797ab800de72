import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../../support/client.js';
import { Server } from '../../support/server.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MAIN = join(ROOT, 'dist/src/main.js');
const run = promisify(execFile);
const withCurl = spawnSync('curl', ['--version']).status === 0 ? it : it.skip;

/** The two programs that a start makes, on folders of their own. */
describe('npm start', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-boot-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const postmasterOf = (dataDir: string): number =>
    Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
  const isAlive = (pid: number): boolean => {
    try {
      // where nobody asks after an orphan, it stays in the table of processes as a zombie
      if (existsSync('/proc/self/stat'))
        return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('of a configuration that cannot be served tells all faults in one message, and makes nothing', async () => {
    const dataDir = join(folder, 'untouched');
    const child = spawn(process.execPath, [MAIN], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: dataDir,
        ENVIRONMENT: 'production',
        PORT: '70000',
        SECRET_KEY: 'change-me-change-me-change-me-change-me',
        SEED_PASSWORD: 'password123',
        TRUST_PROXY: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect({ code: child.exitCode, out }).toEqual({ code: 3, out: '' });
    const [first = '', ...faults] = err.trimEnd().split('\n');
    expect(first).toBe('The configuration has 5 faults, so nothing was started:');
    expect(faults.map((line) => line.trim().split(' ')[0]).sort()).toEqual([
      'ENCRYPTION_KEY',
      'PORT',
      'SECRET_KEY',
      'SEED_PASSWORD',
      'TRUST_PROXY',
    ]);
    expect(existsSync(dataDir)).toBe(false);
  });

  describe('in two checkouts side by side', () => {
    let first: Server;
    let second: Server;
    let admin: Client;
    let id: string;
    const dataDir = (name: string): string => join(folder, name);
    beforeAll(async () => {
      [first, second] = await Promise.all([Server.start(dataDir('here')), Server.start(dataDir('there'))]);
    }, 120_000);
    afterAll(() => Promise.all([first.stop(), second.stop()]));

    it('shows where each is, and the demo logins', () => {
      expect(first.url).not.toBe(second.url);
      for (const { url, log } of [first, second])
        for (const line of [`${url}/api/v1`, `${url}/docs`, 'admin@testcorp.com', 'password123'])
          expect(log).toContain(line);
    });

    it('keeps what belongs to one from the other', async () => {
      admin = await first.client.signIn('admin@testcorp.com');
      const made = await admin.post('/crm/leads', { name: 'Kept over night' });
      expect(made.status).toBe(201);
      ({ id } = made.body as { id: string });
      // each has made a secret of its own
      expect((await second.client.with({ ...admin.headers }).get('/auth/me')).status).toBe(401);
      const there = await second.client.signIn('admin@testcorp.com');
      expect((await there.get(`/crm/leads/${id}`)).status).toBe(404);
    });

    withCurl('answers the curl lines of README as they stand', async () => {
      const [, script = ''] =
        /^```sh\n(# sign in[^]*?)^```$/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
      const { stdout } = await run('sh', ['-ec', script.replaceAll('http://127.0.0.1:3000', first.url)]);
      expect(stdout).toMatch(/"total":\d+/);
      expect(stdout).toMatch(/HTTP\/1\.1 201 /);
      expect(stdout).toContain('"company":"Analytical Engines"');
      expect(stdout).toContain('id,tenant_id,name,');
      expect(stdout).toContain('"layer":"entitlement"');
      expect(stdout.trimEnd()).toMatch(/\{"items":\[\{.*"quantity":.*\}$/);
    });

    it('stops both programs at a signal, and only those of its own', async () => {
      const [postmaster, neighbour] = [postmasterOf(dataDir('here')), postmasterOf(dataDir('there'))];
      expect(await first.stop()).toBe(0);
      expect(isAlive(postmaster)).toBe(false);
      expect(await readdir(dataDir('here/postgres'))).not.toContain('postmaster.pid');
      expect(isAlive(neighbour)).toBe(true);
      expect((await second.client.get('//health/ready')).status).toBe(200);
      expect(await second.stop()).toBe(0);
      expect(isAlive(neighbour)).toBe(false);
    });

    it('keeps the data and the secret for its next start, which seeds and migrates nothing', async () => {
      first = await Server.start(dataDir('here'));
      expect(first.log).not.toMatch(/Created|migrated/);
      const kept = await first.client.with({ ...admin.headers }).get(`/crm/leads/${id}`);
      expect(kept).toMatchObject({ status: 200, body: { name: 'Kept over night' } });
      expect(await first.stop()).toBe(0);
    });
  });

  it('stops when the shell that npm started it with was ended', async () => {
    const dataDir = join(folder, 'here');
    const shell = spawn('sh', ['-c', '"$0" "$1" --end-with-parent; true', process.execPath, MAIN], {
      cwd: folder,
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir, ENVIRONMENT: 'test', PORT: '0', LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const over = once(shell.stderr, 'close');
    let err = '';
    for await (const part of shell.stderr.iterator({ destroyOnReturn: false })) {
      err += String(part);
      if (err.includes('http://127.0.0.1')) break;
    }
    const postmaster = postmasterOf(dataDir);
    shell.stderr.resume();
    shell.kill('SIGTERM');
    await over;
    expect(isAlive(postmaster)).toBe(false);
  });

  it('stops at Ctrl-C, which reaches every program of the terminal at once', async () => {
    const dataDir = join(folder, 'here');
    // a group of its own, as a terminal makes one
    const child = spawn(process.execPath, [MAIN], {
      cwd: folder,
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir, ENVIRONMENT: 'test', PORT: '0', LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const ended = once(child, 'close');
    let err = '';
    await new Promise<void>((resolve, reject) => {
      child.once('close', () => reject(new Error(`it ended at its start:\n${err}`)));
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk.toString();
        if (err.includes('Documentation')) resolve();
      });
    });
    const postmaster = postmasterOf(dataDir);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await ended;
    expect({ code: child.exitCode, signal: child.signalCode }).toEqual({ code: 0, signal: null });
    expect(isAlive(postmaster)).toBe(false);
    expect(err).not.toMatch(/error|rror:/i);
  }, 60_000);
});
