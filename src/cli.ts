#!/usr/bin/env node
import * as modules from 'node:module';

// looked at before anything is imported that an older Node cannot even load
const NEEDED = 24;
/** Milliseconds after which a handle that somebody forgot no longer keeps the process. */
const LINGER_MS = 3_000;

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  process.stderr.write(`tenantry runs on Node ${String(NEEDED)} or newer; this is ${process.version}.\n`);
  process.exitCode = 3;
} else {
  modules.enableCompileCache();
  const { main } = await import('./cli/main.js');
  await main(process.argv.slice(2));
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
