import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const dataDir = mkdtempSync(join(tmpdir(), 'tenantry-secrets-'));
const sources = fileURLToPath(new URL('./sources.mjs', import.meta.url));
const secrets = new URL('../../../src/config/secrets.ts', import.meta.url).href;
const script = `const { localSecrets } = await import('${secrets}'); process.stdout.write(JSON.stringify(localSecrets('${dataDir}')));`;

afterAll(() => {
  rmSync(dataDir, { recursive: true });
});

describe('nodes that start at once without configured keys', () => {
  it('agree on the ones they make', async () => {
    const args = ['--import', sources, '--input-type=module', '-e', script];
    const answers = await Promise.all(Array.from({ length: 6 }, () => run(process.execPath, args)));
    expect(new Set(answers.map(({ stdout }) => stdout)).size).toBe(1);
    expect(JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'))).toEqual(
      JSON.parse(answers[0]?.stdout ?? ''),
    );
  });
});
