/** What a network counts by where it does not say in which zone. */
export const DEFAULT_ZONE = 'UTC';

/** All zones are ahead of UTC, or behind, by a whole number of these: a day begins with one. */
const QUARTER_MS = 15 * 60_000;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** the quarter of an hour that was asked for last, and its day */
  quarter: number;
  day: string;
}

const zones = new Map<string, Zone>();

/** The calendar day, `2026-10-01`, of a moment in an IANA zone. What arrives together is mostly of one quarter of an hour. */
export function localDay(at: Date, name: string): string {
  const zone = zoneOf(name);
  const quarter = Math.floor(at.getTime() / QUARTER_MS);
  if (quarter !== zone.quarter) {
    zone.quarter = quarter;
    zone.day = dayOf(at, zone.format);
  }
  return zone.day;
}

/** Whether this process can count by it. */
export function isZone(name: string): boolean {
  try {
    return Boolean(zoneOf(name));
  } catch {
    return false; // its list of zones is older than the network's
  }
}

function dayOf(at: Date, format: Intl.DateTimeFormat): string {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}

/** Making a format costs a hundred times what using it does. */
function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (!zone) {
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone: name,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    zone = { format, quarter: Number.NaN, day: '' };
    zones.set(name, zone);
  }
  return zone;
}
