import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** Whoever nobody can place (ISO 3166 leaves this code to its users). */
export const UNKNOWN_COUNTRY = 'ZZ';

/** The country of a phone number in digits, by its prefix; several countries share some. */
export function countryOfPhone(digits: string): string | undefined {
  return parsePhoneNumberFromString(`+${digits}`)?.country;
}
