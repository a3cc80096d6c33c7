/** Who carries a file says so this often; after {@link LEASE_MS} without a word somebody else takes it. */
export const RENEW_MS = 10_000;
export const LEASE_MS = 30_000;

const FIRST_MS = 2_000;
const MAX_MS = 60 * 60_000;

/** The wait before the next try, in milliseconds: 2 s at first, twice as long each time, up to an hour. */
export function waitMs(attempt: number): number {
  return Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
}
