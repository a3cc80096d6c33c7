import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../platform/config/config.js';
import { Clock } from '../../platform/clock/clock.js';
import { CONFIG } from '../../platform/platform.tokens.js';
import { Cipher } from '../../platform/secrets/cipher.js';

const PURPOSE = 'media link';

export type LinkVerdict = 'good' | 'forged' | 'expired';

/** Links that anybody may follow who has them, for a while: `PUBLIC_URL/media/<id>?exp=<unix seconds>&sig=<HMAC>`. */
@Injectable()
export class MediaLinks {
  constructor(
    private readonly clock: Clock,
    private readonly cipher: Cipher,
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'mediaLinkSeconds'>,
  ) {}

  to(id: string): string {
    const exp = String(this.nowSeconds() + this.config.mediaLinkSeconds);
    return `${this.config.publicUrl}/media/${id}?exp=${exp}&sig=${this.cipher.sign(PURPOSE, `${id}.${exp}`)}`;
  }

  judge(id: string, exp: unknown, sig: unknown): LinkVerdict {
    if (typeof exp !== 'string' || typeof sig !== 'string' || !/^\d{1,12}$/.test(exp)) return 'forged';
    if (!this.cipher.isSigned(PURPOSE, `${id}.${exp}`, sig)) return 'forged';
    return Number(exp) > this.nowSeconds() ? 'good' : 'expired';
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.now().getTime() / 1_000);
  }
}
