import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const filesOf = (...patterns: string[]): string[] => globSync(patterns, { cwd: ROOT }).sort();

const MOST_LINES = 400;
const MEDIAN_LINES = 80;
/** Put together, so that this file does not have them. */
const LATER = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')})\\b`);

describe('the sources', () => {
  const sources = filesOf('src/**/*.ts');
  const linesOf = (path: string): number => textOf(path).split('\n').length - 1;

  it(`are files of at most ${String(MOST_LINES)} lines, half of them under ${String(MEDIAN_LINES)}`, () => {
    expect(sources.length).toBeGreaterThan(100);
    const lengths = sources.map((path) => ({ path, lines: linesOf(path) }));
    expect(lengths.filter(({ lines }) => lines > MOST_LINES)).toEqual([]);
    const code = lengths.filter(({ path }) => !path.endsWith('.spec.ts')).map(({ lines }) => lines);
    const median = code.sort((a, b) => a - b)[Math.floor(code.length / 2)] ?? 0;
    process.stdout.write(
      `sources: ${String(code.length)} files, median ${String(median)}, longest ${String(code.at(-1))} lines\n`,
    );
    expect(median).toBeLessThan(MEDIAN_LINES);
  });

  it('read the environment in config alone', () => {
    const code = [...sources, ...filesOf('seeders/**/*.ts', 'migrations/**/*.ts')];
    const readers = code.filter((path) => !path.endsWith('.spec.ts') && /\bprocess\.env\b/.test(textOf(path)));
    expect(readers.filter((path) => !path.startsWith(join('src', 'config')))).toEqual([]);
  });

  it('leave nothing for later', () => {
    const all = [
      ...sources,
      ...filesOf('{seeders,migrations,test,bench,scripts}/**/*.{ts,mjs}', '*.md', 'docs/**/*.md'),
    ];
    expect(all.filter((path) => LATER.test(textOf(path)))).toEqual([]);
  });

  it('keep migrations as they were named: their time first, the class like the file', () => {
    const migrations = filesOf('migrations/{core,tenant}/*.ts');
    expect(migrations.length).toBeGreaterThan(0);
    for (const path of migrations) {
      const [, name = ''] = /([^/\\]+)\.ts$/.exec(path) ?? [];
      expect(name).toMatch(/^Migration\d{14}_[a-z0-9_]+$/);
      expect(textOf(path)).toContain(`export class ${name} `);
    }
  });
});

describe('the documents', () => {
  const documents = filesOf('*.md', 'docs/**/*.md');

  it('lead nowhere that is not there', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', join('docs', 'architecture.md')]));
    expect(documents.flatMap(brokenLinks)).toEqual([]);
  });

  it('begin with the two commands of a fresh machine', () => {
    const readme = textOf('README.md');
    for (const command of ['npm ci && npm start', 'npm ci && npm test'])
      expect(readme).toMatch(new RegExp(`^${command}$`, 'm'));
  });

  it('name no npm script that package.json lacks', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = documents.flatMap((path) =>
      [...textOf(path).matchAll(/\bnpm run (?:-s )?([a-z][a-z0-9:-]*[a-z0-9])/g)].map(([, name = '']) => ({
        path,
        name,
      })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ name }) => scripts[name] === undefined)).toEqual([]);
  });
});

/** Relative links whose file, or heading in it, is not there. */
function brokenLinks(path: string): string[] {
  const prose = textOf(path)
    .replace(/^```[^]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = '', heading] = target.split('#');
      const there = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, there))) return true;
      return heading !== undefined && !headingsOf(there).includes(heading);
    })
    .map((target) => `${path}: ${target}`);
}

/** The anchors that GitHub makes of headings. */
const headingsOf = (path: string): string[] =>
  [...textOf(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
