import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';

/** Whoever nobody can place (ISO 3166 leaves this code to its users). */
export const UNKNOWN_COUNTRY = 'ZZ';

const NORTH_AMERICA = '1';

/** By calling code, of which none begins with another. */
const countries = new Map<string, CountryCode[]>();
for (const country of getCountries()) {
  const code = getCountryCallingCode(country);
  countries.set(code, [...(countries.get(code) ?? []), country]);
}

/** By area code, of which there are at most a thousand. */
const northAmerican = new Map<string, string | undefined>();

/**
 * The country of a phone number in digits, by its prefix. Every message that arrives is counted by it, so the whole number is looked
 * at only where several countries share a calling code; those of North America share theirs by area code.
 */
export function countryOfPhone(digits: string): string | undefined {
  const code = [1, 2, 3].map((length) => digits.slice(0, length)).find((prefix) => countries.has(prefix));
  if (code === undefined) return undefined;
  const [first, ...others] = countries.get(code) ?? [];
  if (others.length === 0) return first;
  return code === NORTH_AMERICA ? byAreaCode(digits.slice(1, 4)) : countryOf(digits);
}

function byAreaCode(area: string): string | undefined {
  if (area.length < 3) return undefined;
  if (!northAmerican.has(area)) northAmerican.set(area, countryOf(`${NORTH_AMERICA}${area}2345678`));
  return northAmerican.get(area);
}

function countryOf(digits: string): string | undefined {
  return parsePhoneNumberFromString(`+${digits}`)?.country;
}
