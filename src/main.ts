import { enableCompileCache } from 'node:module';

// before anything else is imported: two thousand modules are compiled once a machine, not once a start
enableCompileCache();
const [{ start }, { ConfigError }] = await Promise.all([import('./app.start.js'), import('./config/index.js')]);

try {
  await start();
} catch (error) {
  const isConfig = error instanceof ConfigError;
  const said = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${isConfig ? said : `Tenantry cannot start: ${said}`}\n`);
  process.exit(isConfig ? 3 : 1);
}
