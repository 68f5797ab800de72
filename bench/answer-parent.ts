/** What the parent started this process with. */
export const settings: unknown = JSON.parse(process.argv[2] ?? '{}');

/** Tells the parent that this process is ready, and then answers its questions until it is gone. */
export function answerParent(ready: object, answer: (question: never) => unknown): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (question) => {
    void Promise.resolve(answer(question as never)).then((given) => process.send?.(given));
  });
  process.send?.(ready);
}
