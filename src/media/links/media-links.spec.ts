import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../platform/clock/clock.js';
import { Cipher } from '../../platform/secrets/cipher.js';
import { MediaLinks } from './media-links.service.js';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const config = { publicUrl: 'https://chat.example', mediaLinkSeconds: 3_600 };
const links = (keys: readonly Buffer[], clock = new ManualClock()) => new MediaLinks(clock, new Cipher(keys), config);

function partsOf(link: string): [string, string | null, string | null] {
  const { pathname, searchParams } = new URL(link);
  return [pathname.split('/').at(-1) ?? '', searchParams.get('exp'), searchParams.get('sig')];
}

describe('MediaLinks', () => {
  it('takes its own links until they are over', () => {
    const clock = new ManualClock();
    const ours = links([first], clock);
    const link = ours.to(ID);
    expect(link).toMatch(
      /^https:\/\/chat\.example\/media\/01890a5d-ac96-774b-bcce-b302099a8057\?exp=\d+&sig=[\w-]{43}$/,
    );
    expect(ours.judge(...partsOf(link))).toBe('good');
    clock.advance(3_599_000);
    expect(ours.judge(...partsOf(link))).toBe('good');
    clock.advance(2_000);
    expect(ours.judge(...partsOf(link))).toBe('expired');
  });

  it('takes no other file, no later end and no other key', () => {
    const ours = links([first]);
    const [id, exp, sig] = partsOf(ours.to(ID));
    expect(ours.judge(ID.replace('8057', '8058'), exp, sig)).toBe('forged');
    expect(ours.judge(id, String(Number(exp) + 1), sig)).toBe('forged');
    expect(ours.judge(id, exp, `${sig}x`)).toBe('forged');
    expect(links([second]).judge(id, exp, sig)).toBe('forged');
    expect(ours.judge(id, undefined, sig)).toBe('forged');
    expect(ours.judge(id, [exp], sig)).toBe('forged');
    expect(ours.judge(id, '1e99', sig)).toBe('forged');
  });

  it('takes links that were signed before the key was rotated', () => {
    expect(links([second, first]).judge(...partsOf(links([first]).to(ID)))).toBe('good');
  });
});
