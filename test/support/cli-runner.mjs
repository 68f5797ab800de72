// One command after the other in one process, which has loaded the application once: that takes longer than most commands.
import { main } from '../../dist/src/cli/main.js';

const streams = { out: process.stdout, err: process.stderr };
const writing = Object.entries(streams).map(([name, stream]) => [name, stream, stream.write]);

async function run({ args, env }) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = 0;
  const told = { out: '', err: '' };
  for (const [name, stream] of writing) {
    stream.write = (text) => {
      told[name] += text;
      return true;
    };
  }
  try {
    await main(args);
  } finally {
    for (const [, stream, write] of writing) {
      stream.write = write;
      stream.removeAllListeners('error');
    }
  }
  return { code: process.exitCode, ...told };
}

process.on('message', (asked) => void run(asked).then((told) => process.send(told)));
// whatever a command has left open
process.on('disconnect', () => process.exit());
