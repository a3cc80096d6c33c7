import type { FieldDef } from 'pg';
import { type Decode, decoderOf } from './decode-value.js';

/** So often within so short a time, and a statement is worth preparing. */
const OFTEN = 16;
const OFTEN_WITHIN_MS = 10_000;

/** Texts that are counted at once: those that are put together for one occasion must not fill the memory. */
const MAX_COUNTED = 2_000;

/** Names that are given out: each costs every connection memory on both sides. */
const MAX_NAMED = 500;

/**
 * A plan may have been made when its tables were empty, so none is kept for long: as long as its connection was old, within these
 * limits.
 */
const MIN_LIFE_MS = 1_000;
const MAX_LIFE_MS = 60_000;

interface Count {
  uses: number;
  since: number;
}

/** Which statements of this process recur often enough to be prepared, by their text. */
export class StatementNames {
  private readonly counts = new Map<string, Count>();
  private readonly names = new Map<string, string>();

  /** '' as long as the text is rare. */
  nameOf(text: string, now: number): string {
    const name = this.names.get(text);
    if (name !== undefined) return name;
    if (this.names.size >= MAX_NAMED || !this.isOften(text, now)) return '';
    const given = `s${this.names.size}`;
    this.names.set(text, given);
    this.counts.delete(text);
    return given;
  }

  private isOften(text: string, now: number): boolean {
    const count = this.counts.get(text);
    if (!count || now - count.since > OFTEN_WITHIN_MS) {
      if (this.counts.size >= MAX_COUNTED) this.counts.clear();
      this.counts.set(text, { uses: 1, since: now });
      return false;
    }
    count.uses += 1;
    return count.uses >= OFTEN;
  }
}

/** How the rows of a statement are read. */
export interface RowShape {
  readonly names: readonly string[];
  readonly decoders: readonly Decode[];
  /** a row without its values: copying it is cheaper than adding field after field */
  readonly empty: Readonly<Record<string, unknown>>;
}

export function shapeOf(fields: readonly FieldDef[]): RowShape {
  const names = fields.map(({ name }) => name);
  return {
    names,
    decoders: fields.map(({ dataTypeID }) => decoderOf(dataTypeID)),
    empty: Object.fromEntries(names.map((name) => [name, null])),
  };
}

/** A statement that one connection has prepared. */
interface PreparedStatement {
  readonly until: number;
  /** undefined where it gives no rows */
  readonly shape: RowShape | undefined;
}

/** What one connection has prepared. */
export class PreparedStatements {
  private readonly known = new Map<string, PreparedStatement>();

  constructor(private readonly openedAt: number) {}

  /** One that may still be used; else it is to be closed and parsed anew. */
  find(name: string, now: number): PreparedStatement | undefined {
    const statement = this.known.get(name);
    return statement && now < statement.until ? statement : undefined;
  }

  keep(name: string, shape: RowShape | undefined, now: number): void {
    const lifeMs = Math.min(MAX_LIFE_MS, Math.max(MIN_LIFE_MS, now - this.openedAt));
    this.known.set(name, { until: now + lifeMs, shape });
  }

  forget(name: string): void {
    this.known.delete(name);
  }
}
