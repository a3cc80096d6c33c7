import type { LoggerService } from '@nestjs/common';
import { Arrivals } from './arrivals.js';

export interface HostLine {
  readonly level: 'log' | 'warn' | 'error' | 'fatal' | 'debug' | 'verbose';
  readonly message: string;
  readonly context: unknown;
}

/** A host's logger, which remembers what it was told. */
export class HostLog implements LoggerService {
  private readonly lines = new Arrivals<HostLine>();
  readonly log = this.noting('log');
  readonly warn = this.noting('warn');
  readonly error = this.noting('error');
  readonly fatal = this.noting('fatal');
  readonly debug = this.noting('debug');
  readonly verbose = this.noting('verbose');

  /** What Patchbay said, and nobody else. */
  get ofPatchbay(): readonly HostLine[] {
    return this.lines.all.filter(({ context }) => context === 'Patchbay');
  }

  /** The first line of Patchbay's with these words in it, also one that came before. */
  until(words: string): Promise<HostLine> {
    return this.lines.until(`a line “${words}”`, () => this.ofPatchbay.find(({ message }) => message.includes(words)));
  }

  private noting(level: HostLine['level']) {
    // Nest gives the context last.
    return (message: unknown, ...more: readonly unknown[]): void =>
      this.lines.add({ level, message: String(message), context: more.at(-1) });
  }
}
