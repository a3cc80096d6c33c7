import type { ShownHold } from '../admission/account-facts.repository.js';
import { CLASS_RANKS, classOfRank } from '../message-class.js';

interface HoldView {
  readonly code: string;
  readonly detail: string;
  /** absent: all */
  readonly classes?: readonly string[];
  readonly since: string;
  /** null: until something else ends it */
  readonly until: string | null;
}

/** The holds of one account, one for each cause. Absent where nothing holds it. */
export function standingView(holds: readonly ShownHold[]): { readonly holds?: readonly HoldView[] } {
  const byCode = new Map<string, ShownHold[]>();
  for (const hold of holds) byCode.set(hold.code, [...(byCode.get(hold.code) ?? []), hold]);
  const views = [...byCode].map(([code, alike]): HoldView => {
    const since = alike.map((hold) => hold.since.toISOString()).toSorted();
    const ends = alike.flatMap((hold) => hold.until?.getTime() ?? []);
    const classes = alike.map((hold) => hold.class).toSorted((a, b) => a - b);
    return {
      code,
      detail: alike[0]?.detail ?? '',
      ...(classes.length < CLASS_RANKS.length && { classes: classes.map(classOfRank) }),
      since: since[0] ?? '',
      until: ends.length < alike.length ? null : new Date(Math.max(...ends)).toISOString(),
    };
  });
  return views.length > 0 ? { holds: views.toSorted((a, b) => (a.code < b.code ? -1 : 1)) } : {};
}
