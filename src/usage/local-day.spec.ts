import { describe, expect, it } from '@jest/globals';
import { countryOfPhone } from './country-of.js';
import { localDay } from './local-day.js';
import { zoneOf } from './zone-of.js';

describe('the day of a message', () => {
  it.each([
    ['UTC', '2026-10-31T23:59:59.999Z', '2026-10-31'],
    ['UTC', '2026-11-01T00:00:00Z', '2026-11-01'],
    ['America/Los_Angeles', '2026-11-01T06:59:59Z', '2026-10-31'],
    ['America/Los_Angeles', '2026-11-01T07:00:00Z', '2026-11-01'],
    // the clocks there were put back that night
    ['America/Los_Angeles', '2026-11-02T07:59:59Z', '2026-11-01'],
    ['Asia/Kolkata', '2026-10-31T18:30:00Z', '2026-11-01'],
    ['Pacific/Auckland', '2026-10-31T11:00:00Z', '2026-11-01'],
    ['Asia/Kathmandu', '2026-10-31T18:14:59Z', '2026-10-31'],
    ['Asia/Kathmandu', '2026-10-31T18:15:00Z', '2026-11-01'],
    ['Asia/Kathmandu', '2026-10-31T18:14:59Z', '2026-10-31'],
  ])('is that of the zone in which the network counts: %s at %s', (zone, at, day) => {
    expect(localDay(new Date(at), zone)).toBe(day);
  });

  it('is that of UTC where the zone is not known, and says so', () => {
    const billing = {
      isCharged: () => true,
      rateCategory: (category: string) => category,
      timeZone: ({ zone }: Record<string, unknown>) => zone as string | undefined,
    };
    expect(zoneOf(billing, { zone: 'Europe/Kyiv' })).toEqual({ name: 'Europe/Kyiv', known: true });
    expect(zoneOf(billing, { zone: 'Mars/Olympus' })).toEqual({ name: 'UTC', known: false });
    expect(zoneOf(billing, {})).toEqual({ name: 'UTC', known: false });
    expect(zoneOf(undefined, {})).toEqual({ name: 'UTC', known: false });
  });
});

describe('the country of a phone', () => {
  it.each([
    ['16505551234', 'US'],
    ['14165551234', 'CA'],
    ['18765551234', 'JM'],
    ['18005551234', 'US'],
    ['10005551234', undefined],
    ['16', undefined],
    ['4915112345678', 'DE'],
    ['447400123456', 'GB'],
    ['447781123456', 'GG'],
    ['380501234567', 'UA'],
    ['77011234567', 'KZ'],
    ['79161234567', 'RU'],
    ['971501234567', 'AE'],
    ['000', undefined],
    ['', undefined],
    ['88812345678', undefined],
  ])('of %s is %s', (digits, country) => {
    expect(countryOfPhone(digits)).toBe(country);
  });
});
