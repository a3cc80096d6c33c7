import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Verification } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import { Cipher } from '../../platform/secrets/cipher.js';
import type { LoadedGateway } from '../loaded-gateway.js';

/** Lower case, as node:http gives header names. */
export const SELF_TEST_HEADER = 'x-patchbay-self-test';

/** Of the signature of the event, as the process that got it judged it. */
export type SelfTestVerdict = 'ok' | Extract<Verification, { ok: false }>['why'];

const LIVES_MS = 60_000;
const ASK = 'self-test';
const ANSWER = 'self-test answer';

/**
 * An event that the doctor sends to a gateway's own callback, to see where it leads: it carries a mark that only this
 * installation can make, and whoever gets it says so with one that only this installation can make either. So any process behind
 * the address can answer, a stranger who answers 200 to everything cannot, and nobody else can have an event passed over.
 */
@Injectable()
export class SelfTest {
  constructor(
    private readonly cipher: Cipher,
    private readonly clock: Clock,
  ) {}

  /** The value of the header. */
  mark(gatewayId: string): string {
    const text = `${this.clock.now().getTime()}.${randomBytes(12).toString('base64url')}`;
    return `${text}.${this.cipher.sign(ASK, `${gatewayId} ${text}`)}`;
  }

  /** Whose self-test this is; undefined: it is none of ours, or an old one. */
  recognise(
    gateways: readonly LoadedGateway[],
    header: string | readonly string[] | undefined,
  ): LoadedGateway | undefined {
    if (typeof header !== 'string' || header.length > 200) return undefined;
    const [at = '', nonce = '', signature = ''] = header.split('.');
    const ageMs = Math.abs(this.clock.now().getTime() - Number(at));
    if (!(ageMs <= LIVES_MS)) return undefined;
    return gateways.find(({ id }) => this.cipher.isSigned(ASK, `${id} ${at}.${nonce}`, signature));
  }

  answer(mark: string, verdict: SelfTestVerdict): string {
    return JSON.stringify({ selfTest: verdict, proof: this.cipher.sign(ANSWER, `${mark} ${verdict}`) });
  }

  /** What our own process said about it; undefined: whoever answered is not us. */
  verdictOf(mark: string, answer: string): SelfTestVerdict | undefined {
    const { selfTest, proof } = parse(answer);
    if (typeof selfTest !== 'string' || typeof proof !== 'string') return undefined;
    return this.cipher.isSigned(ANSWER, `${mark} ${selfTest}`, proof) ? (selfTest as SelfTestVerdict) : undefined;
  }
}

function parse(text: string): { readonly selfTest?: unknown; readonly proof?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {}; // a page of somebody else's
  }
}
