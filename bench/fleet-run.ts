import { type DatabaseUrls, Migrator } from '../src/platform/database/index.js';

/** One whole run of the migrator in a process of its own: only so is its memory its own. */
const started = performance.now();
const steps = await new Migrator(JSON.parse(process.env['URLS'] ?? '{}') as DatabaseUrls, 'shared').migrate();
console.log(
  JSON.stringify({
    seconds: (performance.now() - started) / 1000,
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    migrated: steps.length,
  }),
);
