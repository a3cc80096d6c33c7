import type { GraphRequest } from './graph.types.js';
import type { RawRequest } from './graph-request.js';
import { bearerOf } from './graph-request.js';
import type { HttpReply } from './http-connection.js';
import type { Platform } from './platform.js';
import { isUsable } from './graph-access.js';

/**
 * The host of files: an address wants the token too, in the header, and is over after five minutes; then it is 404, and the id
 * must be asked for another. Meta: business-phone-numbers/media
 */
export async function download(raw: RawRequest, platform: Platform): Promise<HttpReply | undefined> {
  const { activity, clock, faults, media, requests, timers, world } = platform;
  const url = new URL(raw.url, raw.origin);
  const call = { method: raw.method, path: url.pathname, body: {} };
  const fault = faults.forCall(call);
  const reply = (): HttpReply => {
    const token = world.tokens.get(bearerOf(raw.authorization) ?? '');
    if (token === undefined || !isUsable(token, clock)) return { status: 401, body: undefined };
    const stored = media.at(url.searchParams);
    if (stored === undefined) return { status: 404, body: undefined };
    if (stored.redirect !== undefined) {
      return { status: 302, body: undefined, headers: { location: stored.redirect } };
    }
    const isCorrupt = stored.corruptTimes > 0;
    if (isCorrupt) stored.corruptTimes -= 1;
    return { status: 200, body: isCorrupt ? damaged(stored.bytes) : stored.bytes, contentType: stored.mimeType };
  };
  const { status, error, bodyless } = fault;
  const isFailing = status !== undefined || error !== undefined || bodyless !== undefined;
  const answer = isFailing ? { status: status ?? 500, body: undefined } : reply();
  if (fault.delayMs !== undefined) await timers.wait(fault.delayMs);
  if (requests.keeps) {
    const query = Object.fromEntries(url.searchParams) satisfies GraphRequest['query'];
    const record = { ...call, at: clock.nowMs(), version: undefined, query, isBatchPart: false, answer: undefined };
    requests.add({ ...record, token: bearerOf(raw.authorization), status: answer.status });
  } else {
    requests.count();
  }
  activity.changed();
  return fault.drop === undefined ? answer : undefined;
}

/** The same length, another content. */
function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 0xff;
  return copy;
}
