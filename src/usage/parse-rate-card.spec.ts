import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseRateCard } from './parse-rate-card.js';

const HEADER = 'market,countries,currency,category,price,valid_from';
const card = (...lines: string[]) => parseRateCard([HEADER, ...lines].join('\n'));

describe('a rate card', () => {
  it('gives every country of a market its price, as it is written', () => {
    expect(card('# a remark', '', '"Rest, of Gulf",BH KW,USD,authentication_international,0.0910,2026-10-01')).toEqual({
      rates: ['BH', 'KW'].map((country) => ({
        market: 'Rest, of Gulf',
        country,
        currency: 'USD',
        category: 'authentication-international',
        price: '0.0910',
        validFrom: '2026-10-01',
      })),
      errors: [],
    });
  });

  it('takes columns in any order, a byte order mark and the line ends of Windows', () => {
    const text = '\uFEFFvalid_from,price,category,currency,countries,market\r\n2026-10-01,1,utility,USD,*,Rest\r\n';
    expect(parseRateCard(text).rates).toMatchObject([{ country: '*', price: '1' }]);
  });

  it('is loaded whole or not at all, and says where it is wrong', () => {
    const { rates, errors } = card(
      'A,AE,USD,utility,0.1,2026-10-01',
      'B,ae,USD,utility,0.1,2026-10-01',
      'C,AE,usd,Utility,-1,2026-02-30',
      'D,AE,USD',
      'E,AE,USD,utility,0.2,2026-10-01',
    );
    expect(rates).toEqual([]);
    expect(errors.map(({ path, code }) => [path, code])).toEqual([
      ['line 3.countries', 'rate_card.invalid'],
      ['line 4.currency', 'rate_card.invalid'],
      ['line 4.category', 'rate_card.invalid'],
      ['line 4.price', 'rate_card.invalid'],
      ['line 4.valid_from', 'rate_card.invalid'],
      ['line 5', 'rate_card.invalid'],
      ['line 6', 'rate_card.twice'],
    ]);
  });

  it.each(['', 'market,price\nA,1'])('names the columns that it needs: %j', (text) => {
    expect(parseRateCard(text).errors).toMatchObject([{ code: 'rate_card.columns' }]);
  });

  it('may be the example in the documentation', () => {
    const { rates, errors } = parseRateCard(readFileSync('docs/examples/rate-card.csv', 'utf8'));
    expect(errors).toEqual([]);
    expect(rates.find(({ country, category }) => country === 'AE' && category === 'marketing')?.price).toBe('0.0499');
  });
});
