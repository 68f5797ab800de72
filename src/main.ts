import { enableCompileCache } from 'node:module';

// before anything else is imported: two thousand modules are compiled once a machine, not once a start
enableCompileCache();
const [{ start }, { explain }] = await Promise.all([import('./app.start.js'), import('./cli/explain.js')]);

try {
  await start();
} catch (error) {
  const { exit, code, message, hint = '' } = explain(error);
  const said = code === 'configuration' ? message : `Tenantry cannot start: ${message}`;
  process.stderr.write(`${[said, hint].join('\n').trimEnd()}\n`);
  process.exit(exit);
}
