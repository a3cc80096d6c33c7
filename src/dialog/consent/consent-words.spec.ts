import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Content, OPT_IN_WORDS, OPT_OUT_WORDS } from '../../contract/index.js';
import { ConsentWords, wordOf } from './consent-words.js';

const words = new ConsentWords(OPT_OUT_WORDS, OPT_IN_WORDS);

describe('the words of consent', () => {
  it.each([
    ['STOP', 'STOP'],
    ['  stop. ', 'STOP'],
    ['“Stop!!!”', 'STOP'],
    ['S.T.O.P', 'STOP'],
    ['ＳＴＯＰ', 'STOP'],
    ['Stop 🛑', 'STOP'],
    ['stop ⚠️', 'STOP'],
    ['stop\n', 'STOP'],
    ['stop\u00a0 all', 'STOP ALL'],
    ['opt-out', 'OPTOUT'],
    ['arrêt', 'ARRET'],
    ['ARRE\u0302T', 'ARRET'],
    ['Désabonner', 'DESABONNER'],
    ['cancelar', 'CANCELAR'],
    ['baja', 'BAJA'],
    ['стоп', 'СТОП'],
    ['Отписаться.', 'ОТПИСАТЬСЯ'],
    ['iptal', 'İPTAL'],
    ['İptal', 'İPTAL'],
    ['إيقاف', 'إيقاف'],
    ['退订。', '退订'],
  ])('%j opts out', (text, word) => {
    expect(words.match(text)).toEqual({ state: 'out', word });
  });

  it.each(['start', 'Unstop', 'START!'])('%j opts in', (text) => {
    expect(words.match(text)).toMatchObject({ state: 'in' });
  });

  it.each(['please stop', 'stop it', 'stops', 'nonstop', 'start over', 'hi', '', '!', '🛑', 'रुकें'])(
    '%j says nothing',
    (text) => {
      expect(words.match(text)).toBeUndefined();
    },
  );

  it('count in texts and quick replies of templates, not in the bot’s own menus or elsewhere', () => {
    const contents: Content[] = [
      { type: 'text', text: 'Stop' },
      { type: 'choice', id: '1', title: 'Stop', of: 'template' },
      { type: 'choice', id: '1', title: 'Cancel', of: 'button' },
      { type: 'choice', id: '1', title: 'Cancel', of: 'list' },
      { type: 'image', media: { id: '1' }, caption: 'Stop' },
    ];
    expect(contents.map((content) => words.matchContent(content)?.state)).toEqual([
      'out',
      'out',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('opt out when both lists have them, and do nothing when there are none', () => {
    expect(new ConsentWords(['go'], ['GO']).match('Go')).toEqual({ state: 'out', word: 'go' });
    expect(new ConsentWords([], []).match('STOP')).toBeUndefined();
  });

  it('are found whatever surrounds them that is no letter or digit, in any case', () => {
    const noise = fc.stringMatching(/^[\s.,!?"'()*_\-…«»🛑👍]{0,8}$/u);
    const cased = fc.constantFrom(...OPT_OUT_WORDS).chain((word) => fc.constantFrom(word, word.toLowerCase()));
    fc.assert(
      fc.property(noise, cased, noise, (before, word, after) => {
        expect(words.match(before + word + after)?.state).toBe('out');
      }),
    );
  });

  it('are not found in what is longer by a letter or digit', () => {
    const more = fc.stringMatching(/^[a-zа-я0-9]{1,20}$/u);
    fc.assert(
      fc.property(fc.constantFrom('unsubscribe', 'quit', 'отписаться'), more, (word, rest) => {
        expect(words.match(`${word} ${rest}`)).toBeUndefined();
        expect(words.match(`${rest} ${word}`)).toBeUndefined();
      }),
    );
  });

  it('read any text, and reading what was read changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
        const once = wordOf(text);
        expect(wordOf(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });
});
