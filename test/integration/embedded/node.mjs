/** A process that uses an embedded PostgreSQL: `node --import sources.mjs node.mjs <directory> <password>`; a line on stdin stops it. */
import { startEmbedded } from '../../../src/platform/database/embedded.ts';

const [directory, password] = process.argv.slice(2);
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

try {
  const postgres = await startEmbedded({ directory, password, log: () => undefined });
  tell({ port: postgres.port, adopted: postgres.adopted });
  process.stdin.once('data', async () => {
    tell({ stopped: await postgres.stop() });
    process.exit(0);
  });
} catch (error) {
  tell({ error: error.message });
  process.exitCode = 1;
}
