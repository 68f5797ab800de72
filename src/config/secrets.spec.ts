import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { localSecrets, secretsFile } from './secrets.js';

const run = promisify(execFile);
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
    expect(new Set(all).size).toBe(6);
    expect(Math.min(...all.map((secret) => secret.length))).toBeGreaterThanOrEqual(32);
  });

  it('are not the same in two folders', () => {
    expect(localSecrets(join(folder, 'two')).secretKey).not.toBe(localSecrets(join(folder, 'one')).secretKey);
  });

  it('are the same for processes that start at once', async () => {
    const source = new URL('./secrets.ts', import.meta.url).href;
    const dataDir = join(folder, 'race');
    const script = `const { localSecrets } = await import(${JSON.stringify(source)}); process.stdout.write(JSON.stringify(localSecrets(${JSON.stringify(dataDir)})));`;
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', script])),
    );
    expect(new Set(answers.map(({ stdout }) => stdout)).size).toBe(1);
    expect(JSON.parse(readFileSync(secretsFile(dataDir), 'utf8'))).toEqual(JSON.parse(answers[0]?.stdout ?? ''));
  });

  it('stop with a sentence when the file is damaged, and are not replaced', () => {
    const dataDir = join(folder, 'two');
    writeFileSync(secretsFile(dataDir), '{"secretKey":"only"}');
    expect(() => localSecrets(dataDir)).toThrow(/secrets\.json has no encryptionKey\. Put the file back from a copy/);
    expect(readFileSync(secretsFile(dataDir), 'utf8')).toBe('{"secretKey":"only"}');
  });
});
