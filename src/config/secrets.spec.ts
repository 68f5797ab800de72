import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { localSecrets, secretsFile } from './secrets.js';

const folder = mkdtempSync(join(tmpdir(), 'tenantry-secrets-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the secrets of a DATA_DIR', () => {
  beforeAll(() => {
    localSecrets(join(folder, 'one'));
  });

  it('are made once, for nobody else to read, and kept', () => {
    const made = localSecrets(join(folder, 'one'));
    expect(localSecrets(join(folder, 'one'))).toEqual(made);
    expect(statSync(secretsFile(join(folder, 'one'))).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'one'))).toEqual(['secrets.json']);
    const all = [made.secretKey, made.encryptionKey, ...Object.values(made.passwords)];
    expect(new Set(all).size).toBe(7);
    expect(Math.min(...all.map((secret) => secret.length))).toBeGreaterThanOrEqual(32);
  });

  it('are not the same in two folders', () => {
    expect(localSecrets(join(folder, 'two')).secretKey).not.toBe(localSecrets(join(folder, 'one')).secretKey);
  });

  it('of a file that is older than a login have a password for it, the same at each start', () => {
    const dataDir = join(folder, 'older');
    const { passwords, ...rest } = localSecrets(dataDir);
    const { mover: _, ...older } = passwords;
    const json = JSON.stringify({ ...rest, passwords: older });
    writeFileSync(secretsFile(dataDir), json);
    const read = localSecrets(dataDir);
    expect(read).toEqual({ ...rest, passwords: { ...older, mover: localSecrets(dataDir).passwords.mover } });
    expect(read.passwords.mover).toMatch(/^[\w-]{43}$/);
    expect(readFileSync(secretsFile(dataDir), 'utf8')).toBe(json);
  });

  it('stop with a sentence when the file is damaged, and are not replaced', () => {
    const dataDir = join(folder, 'two');
    writeFileSync(secretsFile(dataDir), '{"secretKey":"only"}');
    expect(() => localSecrets(dataDir)).toThrow(/secrets\.json has no encryptionKey\. Put the file back from a copy/);
    expect(readFileSync(secretsFile(dataDir), 'utf8')).toBe('{"secretKey":"only"}');
  });
});
