import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './load.js';
import { describeConfig } from './config.js';
import type { Variable } from './variable.js';
import { groups, variables } from './variables.js';

const file = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const sectionsOfCode: Record<string, Record<string, Variable<unknown>>> = groups;
const listed = Object.values(variables);

function rendered(): string {
  const head =
    '# Every variable of Tenantry with its default (or, where there is none, an example). Copy to .env and take the # away from what you set.\n';
  const sections = Object.entries(sectionsOfCode).map(([title, group]) => {
    const lines = Object.values(group).map(
      ({ name, sentence, fallback, example }) =>
        `# ${sentence}\n#${name}=${fallback('development') ?? example ?? ''}\n`,
    );
    return `\n# ---- ${title} ----\n\n${lines.join('\n')}`;
  });
  return head + sections.join('');
}

describe('.env.example', () => {
  it('has every variable of the code and no other', () => {
    const names = file.split('\n').flatMap((line) => /^#?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1] ?? []);
    expect(names.toSorted()).toEqual(listed.map(({ name }) => name).toSorted());
  });

  it('has the defaults and the sentences of the code', () => {
    expect(file).toBe(rendered());
  });

  it('names each variable once', () => {
    expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
  });

  it('leaves out nothing that the reader asks for, and the reader nothing that it lists', () => {
    const asked = describeConfig(loadConfig({ SECRET_KEY: 'k'.repeat(32), ENCRYPTION_KEY: 'k'.repeat(32) })).map(
      ({ name }) => name,
    );
    expect(asked.toSorted()).toEqual(listed.map(({ name }) => name).toSorted());
  });

  it('can be used as it is, uncommented, in development', () => {
    const env = Object.fromEntries(
      file.split('\n').flatMap((line) => {
        const [, name, value] = /^#?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, value]];
      }),
    );
    expect(() => loadConfig({ ...env, S3_BUCKET: '', S3_ENDPOINT: '' })).not.toThrow();
  });
});
