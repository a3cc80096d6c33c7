import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from './clock.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long things live. Meta: business-phone-numbers/media */
const UPLOAD_MS = 30 * DAY_MS;
const INBOUND_MS = 7 * DAY_MS;
const URL_MS = 5 * 60 * 1000;

export interface StoredMedia {
  id: string;
  bytes: Buffer;
  mimeType: string;
  /** Hex, as the media endpoint says it. */
  sha256: string;
  /** The number that uploaded it; undefined = a customer's. */
  phoneNumberId: string | undefined;
  expiresAt: number;
  /** So many downloads yet are not what the hash says. */
  corruptTimes: number;
  /** Downloads are sent there instead. */
  redirect: string | undefined;
}

export interface MediaOptions {
  phoneNumberId?: string;
  corruptTimes?: number;
  redirect?: string;
}

/** What was uploaded, or lies ready for a customer to send, and the addresses it can be fetched at for five minutes. */
export class Media {
  private readonly stored = new Map<string, StoredMedia>();
  private readonly secret = randomBytes(16);

  constructor(private readonly clock: Clock) {}

  put(id: string, bytes: Buffer, mimeType: string, options: MediaOptions = {}): StoredMedia {
    const { phoneNumberId, corruptTimes = 0, redirect } = options;
    const lifeMs = phoneNumberId === undefined ? INBOUND_MS : UPLOAD_MS;
    const media = {
      id,
      bytes,
      mimeType,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      phoneNumberId,
      expiresAt: this.clock.nowMs() + lifeMs,
      corruptTimes,
      redirect,
    };
    this.stored.set(id, media);
    return media;
  }

  /** Undefined also when its time is over. */
  get(id: string): StoredMedia | undefined {
    const media = this.stored.get(id);
    return media !== undefined && media.expiresAt > this.clock.nowMs() ? media : undefined;
  }

  delete(id: string): boolean {
    return this.stored.delete(id);
  }

  clear(): void {
    this.stored.clear();
  }

  /** Path and query of an address that works for five minutes; `ext` is when it ends, as at Meta. */
  addressOf(id: string): string {
    const ends = Math.floor((this.clock.nowMs() + URL_MS) / 1000);
    return `/_media/whatsapp_business/attachments/?mid=${id}&ext=${ends}&hash=${this.hashOf(id, ends)}`;
  }

  /** What an address leads to; undefined when it is over, or was never given out. */
  at(query: URLSearchParams): StoredMedia | undefined {
    const [id, ends, hash] = [query.get('mid') ?? '', Number(query.get('ext')), query.get('hash') ?? ''];
    const [given, expected] = [Buffer.from(hash), Buffer.from(this.hashOf(id, ends))];
    const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
    return isOurs && ends * 1000 > this.clock.nowMs() ? this.get(id) : undefined;
  }

  private hashOf(id: string, ends: number): string {
    return createHmac('sha256', this.secret).update(`${id} ${ends}`).digest('base64url').slice(0, 22);
  }
}
