import type { Question, Reply } from './program.js';

/** The other side of a `Program`: answers what its parent asks, and ends with its parent. */
export function serve(operations: Readonly<Record<string, (input: never) => unknown>>): void {
  process.on('message', (question: Question) => void answer(question));
  process.on('disconnect', () => process.exit(0));

  async function answer({ number, operation, input }: Question): Promise<void> {
    let reply: Reply;
    try {
      reply = { number, output: await operations[operation]?.(input as never) };
    } catch (error) {
      reply = { number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send?.(reply);
  }
}
