import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Server } from '../../support/server.js';

const MAIN = fileURLToPath(new URL('../../../dist/src/main.js', import.meta.url));

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

  it('runs in two checkouts side by side, stops both programs of each at a signal, and keeps the data', async () => {
    const [here, there] = [join(folder, 'here'), join(folder, 'there')];
    const [first, second] = await Promise.all([Server.start(here), Server.start(there)]);
    const [postmaster, neighbour] = [postmasterOf(here), postmasterOf(there)];
    expect(first.url).not.toBe(second.url);
    expect(first.log).toContain('admin@testcorp.com');

    const admin = await first.client.signIn('admin@testcorp.com');
    const made = await admin.post('/crm/leads', { name: 'Kept over night' });
    expect(made.status).toBe(201);
    const { id } = made.body as { id: string };
    // the same secret would let a token of one in at the other
    expect((await second.client.with({ ...admin.headers }).get('/auth/me')).status).toBe(401);
    const stranger = await second.client.signIn('admin@testcorp.com');
    expect((await stranger.get(`/crm/leads/${id}`)).status).toBe(404);

    expect(await first.stop()).toBe(0);
    expect(isAlive(postmaster)).toBe(false);
    expect(await readdir(join(here, 'postgres'))).not.toContain('postmaster.pid');
    expect(isAlive(neighbour)).toBe(true);
    expect((await stranger.get('/crm/leads?limit=1')).status).toBe(200);
    expect(await second.stop()).toBe(0);
    expect(isAlive(neighbour)).toBe(false);

    const again = await Server.start(here);
    try {
      // nothing is seeded anew, and the token still holds, for the secret is kept as well
      expect(again.log).not.toMatch(/Created|migrated/);
      const kept = await again.client.with({ ...admin.headers }).get(`/crm/leads/${id}`);
      expect(kept).toMatchObject({ status: 200, body: { name: 'Kept over night' } });
    } finally {
      expect(await again.stop()).toBe(0);
    }
  }, 120_000);

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
