import { describe, expect, test } from '@jest/globals';
import { callHandler } from './call-handler.js';
import { type InProcessHandler, RetryLaterError } from './handlers.js';

const delivery = {
  eventId: '019a0000-0000-7000-8000-000000000000',
  line: 'line',
  subscriber: 'bot',
  gatewayId: 'gateway',
  type: 'message.received',
  state: 'lined' as const,
  attempts: 2,
  firstTriedAt: null,
  nextAt: new Date(0),
  body: { id: 'evt_1', type: 'message.received', attempt: 1, message: { text: 'hi' } },
};

const calling = (handle: InProcessHandler['handle'], timeoutSeconds = 10) =>
  callHandler({ name: 'EchoBot', events: ['*'], timeoutSeconds: 99, handle }, timeoutSeconds, delivery);

describe('a handler in the process', () => {
  test('is told what would be posted, and answers what would be answered', async () => {
    const heard: unknown[] = [];
    const result = await calling((event) => {
      heard.push(event);
      return { replies: [{ type: 'text', text: 'hello' }] };
    });
    expect(heard).toEqual([{ id: 'evt_1', type: 'message.received', attempt: 3, message: { text: 'hi' } }]);
    expect(result).toEqual({ result: 'delivered', text: '{"replies":[{"type":"text","text":"hello"}]}' });
  });

  test('may answer nothing', async () => {
    expect(await calling(async () => undefined)).toEqual({ result: 'delivered', text: '' });
  });

  test('has an event of its own: what it does to it, nobody else sees', async () => {
    await calling((event) => {
      (event as unknown as { message: { text: string } }).message.text = 'changed';
    });
    expect(delivery.body.message.text).toBe('hi');
  });

  test.each([
    ['throws', () => Promise.reject(new Error('no answer for that')), 'EchoBot threw: no answer for that'],
    ['throws at once', () => raise(new Error('no')), 'EchoBot threw: no'],
    ['throws a thing', () => raise('thing'), 'EchoBot threw: thing'],
    ['answers what has no JSON', () => ({ replies: [1n] }), 'EchoBot threw: Do not know how to serialize a BigInt'],
  ])('that %s did not take the event', async (_, handle, reason) => {
    expect(await calling(handle)).toEqual({ result: 'failed', reason });
  });

  test('may say when it wants to be told again', async () => {
    const result = await calling(() => raise(new RetryLaterError(60_000, 'the shop is closed')));
    expect(result).toEqual({ result: 'failed', reason: 'EchoBot threw: the shop is closed', retryAfterMs: 60_000 });
  });

  test('that is silent is told that its time is over, and did not take the event', async () => {
    let signal: AbortSignal | undefined;
    const result = await calling((_event, context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    }, 0.01);
    expect(result).toEqual({ result: 'failed', reason: 'EchoBot did not answer within 0.01 s' });
    expect(signal?.aborted).toBe(true);
  });
});

function raise(error: unknown): never {
  throw error;
}
