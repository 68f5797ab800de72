import { describe, it, expect } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, problemType } from '../../src/common/problem.js';

const ROOT = join(import.meta.dirname, '../..');
const ROW = /^\| (\d{3}) +\| `([a-z_]+)` +\| ([^|]+?) +\| [^|]+\| [^|]+\|$/;

/** Every source that defines a problem of its own, loaded so that the catalogue is whole. */
async function loadProblems(): Promise<void> {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /(?<!\.spec|\.d)\.ts$/.test(name))) {
    const path = join(ROOT, 'src', file);
    if (readFileSync(path, 'utf8').includes('defineProblem(')) await import(path);
  }
}

const documented = readFileSync(join(ROOT, 'docs/problems.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [row, status, code, title] = ROW.exec(line) ?? [];
    return row === undefined ? [] : [`${String(status)} ${String(code)}: ${String(title)}`];
  });

describe('docs/problems.md', () => {
  it('lists every problem there is and no other, with its status and title, in the order of status', async () => {
    await loadProblems();
    const defined = catalogue().map(({ status, code, title }) => `${String(status)} ${code}: ${title}`);
    expect(documented.toSorted()).toEqual(defined.toSorted());
    expect(documented.map((row) => row.slice(0, 3))).toEqual(documented.map((row) => row.slice(0, 3)).toSorted());
  });
  it('shows the type as it is sent', () => {
    expect(readFileSync(join(ROOT, 'docs/problems.md'), 'utf8')).toContain(`"type": "${problemType('not_entitled')}"`);
  });
});
