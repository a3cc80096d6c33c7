/** Checks of metadata values that several gateway types make: each says what is wrong, or nothing. */

/** A value that goes into headers and signatures: no spaces, nothing invisible. */
export const printable = (value: string): string | undefined =>
  /^[\x21-\x7e]{1,4096}$/.test(value) ? undefined : 'must be printable characters without spaces';

/** A base URL, below which a network's paths stand. */
export function webUrl(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isBare = url !== undefined && !url.username && !url.password && !url.search && !url.hash;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isBare && isWeb ? undefined : 'must be an http or https URL without user, query or fragment';
}
