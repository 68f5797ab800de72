import { connect } from 'node:net';

/** Milliseconds after which somebody who gets no answer hangs up. */
const PATIENCE_MS = 2_000;

/** Says this to the server as it stands, and answers all that comes back until it hangs up or nothing more comes. */
export function speak(url: string, text: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    const done = () => {
      socket.destroy();
      resolve(heard);
    };
    socket.setTimeout(PATIENCE_MS, done);
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('close', done);
    socket.on('error', done);
  });
}
