import { randomFillSync } from 'node:crypto';

let lastMilliseconds = 0;
let sequence = 0;

/** Random bytes are fetched for many ids at once: each fetch costs more than all else in an id. */
const pool = Buffer.alloc(16 * 512);
let used = pool.length;

/**
 * A UUID of version 7 (RFC 9562). It carries its creation time, which is also the partition key of the row it names, so a
 * look-up by id reads one partition. Ids of one process grow strictly; order between processes comes from the database.
 */
export function newId(at: Date = new Date()): string {
  const milliseconds = at.getTime();
  if (milliseconds === lastMilliseconds) sequence += 1;
  else {
    lastMilliseconds = milliseconds;
    sequence = 0;
  }
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, (used += 16));
  bytes.writeUIntBE(milliseconds, 0, 6);
  bytes.writeUInt16BE(0x7000 | (sequence & 0x0fff), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** When an id was made, or undefined when it is not an id of ours. */
export function timeOfId(id: string): Date | undefined {
  if (!isId(id)) return undefined;
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/** Smaller than every id made at that time or later, and larger than every earlier one. */
export function firstIdAt(at: Date): string {
  const hex = at.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

export function isId(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(value);
}
