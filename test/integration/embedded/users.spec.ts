import { chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { nobody, query, whyNobodyCannot, Yard } from './support.js';

const yard = new Yard();
afterAll(() => yard.clear());

const reason = whyNobodyCannot();
if (reason !== undefined) process.stdout.write(`skipped: ${reason}\n`);

(reason === undefined ? describe : describe.skip)('an ordinary user', () => {
  const home = yard.path('home');

  it('starts, adopts and stops a server of his own', async () => {
    mkdirSync(home);
    chownSync(home, nobody.uid, nobody.gid);
    const directory = join(home, 'postgres');
    const first = yard.node(directory, nobody);
    expect(await first.told()).toMatchObject({ adopted: false });
    await first.kill();
    const second = yard.node(directory, nobody);
    expect(await second.told()).toMatchObject({ adopted: true });
    expect(await second.stop()).toEqual({ stopped: true });
    expect(statSync(directory).uid).toBe(nobody.uid);
  });

  it('finds his server as he left it after root has used it', async () => {
    const directory = join(home, 'postgres');
    const postgres = await yard.start(directory);
    await query(postgres.superuserUrl('postgres'), 'create table kept as select 1 as value');
    expect(await postgres.stop()).toBe(true);
    const node = yard.node(directory, nobody);
    expect(await node.told()).toMatchObject({ adopted: false });
    expect(await node.stop()).toEqual({ stopped: true });
  });

  it('is told whose server it is when root has made it', async () => {
    const directory = yard.path('root', 'postgres');
    await (await yard.start(directory)).stop();
    const node = yard.node(directory, nobody);
    const told = await node.told();
    expect(told).toEqual({
      error: expect.stringMatching(/belongs to .* first started as somebody else[^]*sudo chown -R/),
    });
  });
});
