import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { MediaSink } from '../../contract/index.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** empty where a sink took it */
  readonly text: string;
}

export interface ExchangeOptions {
  /** a longer answer is cut off, in bytes */
  readonly maxBytes: number;
  /** takes the body of a 200, piece by piece */
  readonly sink?: MediaSink | undefined;
}

/**
 * One request and its answer, as undici's dispatcher tells of it: without the stream, the signal and the promises per piece that its
 * `request` makes of each, which cost as much as the rest of the way to the network.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>;
  private resolve!: (answer: Answer) => void;
  private reject!: (error: unknown) => void;
  private controller: Dispatcher.DispatchController | undefined;
  private endedBy: Error | undefined;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(private readonly options: ExchangeOptions) {
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** One that still waits for a connection never begins. */
  abort(reason: Error): void {
    this.endedBy ??= reason;
    this.controller?.abort(this.endedBy);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.endedBy) controller.abort(this.endedBy);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // Informational ones (1xx) come before the answer.
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { sink, maxBytes } = this.options;
    if (sink && this.status === 200) return this.pour(controller, chunk, sink);
    this.bytes += chunk.length;
    if (this.bytes > maxBytes) {
      controller.abort(failure('ETOOLONG', `the answer is longer than ${maxBytes} bytes`));
    } else {
      this.chunks.push(chunk);
    }
  }

  onResponseEnd(): void {
    const [first] = this.chunks;
    const body = first && this.chunks.length === 1 ? first : Buffer.concat(this.chunks);
    this.resolve({ status: this.status, headers: this.headers, text: body.toString('utf8') });
  }

  onResponseError(_: Dispatcher.DispatchController, error: unknown): void {
    this.reject(error);
  }

  private pour(controller: Dispatcher.DispatchController, chunk: Buffer, sink: MediaSink): void {
    const end = (error: unknown): void => controller.abort(error instanceof Error ? error : new Error(String(error)));
    try {
      const taken = sink(chunk);
      if (taken === true) return;
      if (taken === false) return controller.abort(unwanted());
      // Nothing more is read until it took this.
      controller.pause();
      taken.then((wantsMore) => (wantsMore ? controller.resume() : controller.abort(unwanted())), end);
    } catch (error) {
      end(error);
    }
  }
}

function unwanted(): Error {
  return failure('ESTOPPED', 'the receiver wants no more of it');
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
