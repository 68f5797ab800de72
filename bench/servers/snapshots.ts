import { Snapshots } from '../../src/platform/access/index.js';
import { answerParent, settings } from '../answer-parent.js';
import type { Person } from '../data.js';
import { startApplication } from './application.js';
import type { ProductSettings } from './questions.js';

/** Snapshots read at the same time. */
const AT_ONCE = 50;

const { urls } = settings as ProductSettings;
const snapshots = (await startApplication(urls)).get(Snapshots);

/** Bytes of heap for each snapshot in the cache: those of the first few are left out, which bring in code and plans. */
async function bytesEach(people: readonly Person[]): Promise<{ bytes: number; snapshots: number }> {
  const [first, rest] = [people.slice(0, AT_ONCE), people.slice(AT_ONCE)];
  await load(first);
  const before = heap();
  await load(rest);
  const after = heap();
  const kept = snapshots.size.people - first.length;
  return { bytes: (after - before) / kept, snapshots: kept };
}

async function load(people: readonly Person[]): Promise<void> {
  for (let from = 0; from < people.length; from += AT_ONCE) {
    const some = people.slice(from, from + AT_ONCE);
    await Promise.all(
      some.map(({ userId, organizationId, session }) => snapshots.load(userId, organizationId, session)),
    );
  }
}

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

answerParent({}, bytesEach);
