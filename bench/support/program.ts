import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Question {
  readonly number: number;
  readonly operation: string;
  readonly input: unknown;
}

export interface Reply {
  readonly number: number;
  readonly output?: unknown;
  readonly error?: string;
}

/** All share the cores, so none should spend more of them on copying what lives for a moment than Patchbay does. */
const AS_PATCHBAY = ['--max-semi-space-size=64'];

/** A part of a benchmark in a process of its own, so that it shares no event loop with what is measured. */
export class Program {
  private readonly open = new Map<number, (reply: Reply) => void>();
  private asked = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => {
      this.open.get(reply.number)?.(reply);
      this.open.delete(reply.number);
    });
    child.on('exit', () => {
      for (const [number, answer] of this.open) answer({ number, error: 'the program ended' });
    });
  }

  /** @param file compiled program that calls `serve` */
  static start(file: string): Program {
    return new Program(fork(file, { stdio: 'inherit', serialization: 'advanced', execArgv: AS_PATCHBAY }));
  }

  async ask<Output>(operation: string, input: unknown): Promise<Output> {
    this.asked += 1;
    const question: Question = { number: this.asked, operation, input };
    const reply = await new Promise<Reply>((resolve) => {
      this.open.set(question.number, resolve);
      this.child.send(question);
    });
    if (reply.error !== undefined) throw new Error(`${operation}: ${reply.error}`);
    return reply.output as Output;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
