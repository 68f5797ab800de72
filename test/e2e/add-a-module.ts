import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What a developer works on; the packages are linked. */
const SOURCES = [
  'src',
  'migrations',
  'seeders',
  'scripts',
  'package.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

const run = promisify(execFile);

/** What a guide says to do, taken from the fences of its text. */
export interface Guide {
  /** New files: path and text. */
  readonly files: ReadonlyMap<string, string>;
  /** Lines that go into a file of the project, before the line that begins so. */
  readonly inserts: readonly { readonly file: string; readonly before: string; readonly text: string }[];
  /** Commands, in their order. */
  readonly commands: readonly string[];
  /** Shell scripts to try it with. */
  readonly trials: readonly string[];
}

export function readGuide(path: string): Guide {
  const files = new Map<string, string>();
  const inserts: Guide['inserts'][number][] = [];
  const commands: string[] = [];
  const trials: string[] = [];
  const text = readFileSync(join(ROOT, path), 'utf8');
  for (const [, language = '', words = '', body = ''] of text.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm)) {
    const [, file] = /\bfile=(\S+)/.exec(words) ?? [];
    const [, into, before] = /\binsert=(\S+) before="(.+)"/.exec(words) ?? [];
    if (file !== undefined) files.set(file, body);
    else if (into !== undefined && before !== undefined) inserts.push({ file: into, before, text: body });
    else if (language === 'sh' && words === 'run') commands.push(...body.trim().split('\n'));
    else if (language === 'sh') trials.push(body);
  }
  return { files, inserts, commands, trials };
}

/** A copy of the project that a test may change and build. */
export class Checkout {
  private constructor(readonly folder: string) {}

  static async copy(): Promise<Checkout> {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-checkout-'));
    for (const name of SOURCES) await cp(join(ROOT, name), join(folder, name), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return new Checkout(folder);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  read(file: string): Promise<string> {
    return readFile(this.path(file), 'utf8');
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), text);
  }

  /** @throws Error when no line, or more than one, begins so */
  async insert(file: string, before: string, text: string): Promise<void> {
    const lines = (await this.read(file)).split('\n');
    const places = lines.flatMap((line, at) => (line.trimStart().startsWith(before) ? [at] : []));
    const [place] = places;
    if (place === undefined || places.length > 1)
      throw new Error(`${String(places.length)} lines of ${file} begin with ${before}`);
    lines.splice(place, 0, text.replace(/\n$/, ''));
    await this.write(file, lines.join('\n'));
  }

  /** A checksum of each source by its path. */
  state(): Map<string, string> {
    const paths = globSync(['{src,migrations,seeders}/**/*.*', 'migrations/*/.snapshot.json'], {
      cwd: this.folder,
    }).sort();
    return new Map(
      paths.map((path) => [
        path,
        createHash('sha256')
          .update(readFileSync(this.path(path)))
          .digest('hex'),
      ]),
    );
  }

  /** A command as somebody types it, with what it printed. Rejects when it fails. */
  async type(command: string, env: Record<string, string>): Promise<string> {
    const { stdout, stderr } = await run('sh', ['-ec', command], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout + stderr;
  }
}
