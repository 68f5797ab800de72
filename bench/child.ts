import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Milliseconds within which a child that was told to end has to be gone. */
const END_MS = 10_000;

/**
 * A process of the bench: started with settings, it says when it is ready and then answers one question at a time. It
 * ends with its parent.
 */
export class Child<Ready = unknown> {
  private constructor(
    private readonly process: ChildProcess,
    readonly ready: Ready,
  ) {}

  /** @param file a module of the bench, which calls `answerParent` */
  static async start<Ready>(file: string, settings: unknown, execArgv: readonly string[] = []): Promise<Child<Ready>> {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const child = fork(path, [JSON.stringify(settings)], {
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new Child(child, (await messageOf(child, file)) as Ready);
  }

  async ask<Answer>(question: object): Promise<Answer> {
    this.process.send(question);
    return (await messageOf(this.process, 'a process of the bench')) as Answer;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, 'exit');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), END_MS);
    this.process.disconnect();
    await gone;
    clearTimeout(timer);
  }
}

async function messageOf(child: ChildProcess, name: string): Promise<unknown> {
  const over = new AbortController();
  const message = once(child, 'message', { signal: over.signal }) as Promise<unknown[]>;
  const exit = once(child, 'exit', { signal: over.signal }).then((): never => {
    throw new Error(`${name} has ended before it answered`);
  });
  try {
    return (await Promise.race([message, exit]))[0];
  } finally {
    over.abort();
    await Promise.allSettled([message, exit]);
  }
}
