import { UnknownSeeder } from './errors.js';
import type { Seeder } from './seeder.js';

/** The seeders asked for and all that they need, each after what it needs; all of them when none is named. */
export function inOrder(seeders: readonly Seeder[], names?: readonly string[]): Seeder[] {
  const ordered: Seeder[] = [];
  const under = new Set<string>();
  const visit = (name: string): void => {
    const seeder = seeders.find((each) => each.name === name);
    if (seeder === undefined) throw new UnknownSeeder(name, seeders);
    if (ordered.includes(seeder)) return;
    if (under.has(name)) throw new Error(`the seeder "${name}" needs itself: ${[...under, name].join(' → ')}`);
    under.add(name);
    seeder.dependsOn.forEach(visit);
    under.delete(name);
    ordered.push(seeder);
  };
  (names ?? seeders.map((each) => each.name)).forEach(visit);
  return ordered;
}
