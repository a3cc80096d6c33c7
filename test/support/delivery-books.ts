import { Client } from 'pg';
import type { LimitReport, SentMessage } from '../../src/simulator/simulator.js';
import { readTimeline } from '../../src/dialog/timeline.js';
import { type Planned, markOf } from './delivery-mix.js';

/** A message as Patchbay's own books have it. */
export interface Booked {
  readonly id: string;
  readonly mark: string;
  readonly class: string;
  readonly status: string;
  readonly error: string | null;
  readonly held: string | null;
  readonly state: string | null;
  /** the attempts whose outcome was in doubt */
  readonly doubted: readonly string[];
  readonly attempts: readonly { readonly id: string; readonly status: string; readonly providerId: string | null }[];
}

/** Reads the books: messages of ours by what they are marked with. */
export async function readBooks(databaseUrl: string): Promise<readonly Booked[]> {
  const rows = await query<Booked & { readonly timeline: string }>(
    databaseUrl,
    `SELECT m.id, COALESCE(m.metadata->>'mark', m.content->>'text') AS mark, m.class, m.status, m.error->>'code' AS error,
       o.held_reason AS held, o.state, m.timeline,
       COALESCE((SELECT json_agg(json_build_object('id', a.id, 'status', a.status) ORDER BY a.id)
         FROM attempt a WHERE a.message_id = m.id), '[]') AS attempts
     FROM message m LEFT JOIN outbound o ON o.message_id = m.id WHERE m.direction = 'out'`,
  );
  return rows.map(({ timeline, ...row }) => {
    const notes = readTimeline(timeline);
    const acceptedAs = new Map<unknown, unknown>();
    for (const { status, detail } of notes)
      if (status === 'accepted') acceptedAs.set(detail?.['attempt'], detail?.['providerId']);
    return {
      ...row,
      doubted: notes.flatMap(({ key, status, detail }) =>
        status === 'held' && detail?.['reason'] === 'doubt' ? [key.slice(key.indexOf('#') + 1)] : [],
      ),
      attempts: row.attempts.map(({ id, status }) => {
        const providerId = acceptedAs.get(id) as string | undefined;
        return { id, status: providerId === undefined ? status : 'accepted', providerId: providerId ?? null };
      }),
    };
  });
}

/** What is still to happen: by state and reason, without what waits for a place of a messaging limit, or behind such a one. */
export async function unfinished(databaseUrl: string): Promise<readonly string[]> {
  const rows = await query<{ what: string; count: number }>(
    databaseUrl,
    `SELECT o.state || coalesce(' ' || o.held_reason, '') AS what, count(*)::int AS count FROM outbound o
     LEFT JOIN head h ON h.thread_id = o.thread_id AND h.class = o.class
     LEFT JOIN outbound front ON front.message_id = h.message_id
     WHERE (o.state = 'waiting' AND front.held_reason IS DISTINCT FROM 'tier')
       OR (o.state <> 'waiting' AND NOT (o.state = 'held' AND o.held_reason = 'tier'))
     GROUP BY 1
     UNION ALL SELECT 'inbox', count(*)::int FROM inbox_pending HAVING count(*) > 0`,
  );
  return rows.map(({ what, count }) => `${count} ${what}`);
}

/** How many answers of bots became messages. */
export async function repliesMade(databaseUrl: string): Promise<number> {
  const [row] = await query<{ count: number }>(
    databaseUrl,
    `SELECT count(*)::int AS count FROM message WHERE origin = 'bot'`,
  );
  return row?.count ?? 0;
}

async function query<T>(connectionString: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString });
  client.on('error', () => undefined); // the database is killed in these tests
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end().catch(() => undefined);
  }
}

export interface Verdict {
  /** promised, and neither taken by the network nor ended with a reason */
  readonly lost: readonly string[];
  /** taken by the network more than once, without the policy `resend` owing it */
  readonly doubled: readonly string[];
  /** taken more than once because the policy `resend` owes it, each with why */
  readonly owed: readonly string[];
  /** taken first in another order than they were promised: one person, one class */
  readonly misordered: readonly string[];
  /** what the books say, and the network's record denies */
  readonly untrue: readonly string[];
  readonly limits: readonly string[];
}

/**
 * The network counts by the second. Within a tenth of one, what a machine with more processes than processors adds to the way
 * of a message is as large as what is measured: it is reported, and not judged.
 */
const JUDGED_FROM_MS = 1_000;

const TAKEN = ['accepted', 'sent', 'delivered', 'read', 'played'];

/** The simulator's own record is the judge; the books only say what was owed, and must agree. */
export function judge(
  sent: readonly SentMessage[],
  limits: LimitReport,
  promised: readonly Pick<Planned, 'mark' | 'number' | 'phone' | 'isScheduled'>[],
  books: readonly Booked[],
): Verdict {
  const verdict = {
    lost: [] as string[],
    doubled: [] as string[],
    owed: [] as string[],
    misordered: [] as string[],
    untrue: [] as string[],
  };
  const taken = new Map<string, SentMessage[]>();
  const firstAt = new Map<string, number>();
  sent.forEach((message, index) => {
    const mark = markOf(message) ?? '';
    taken.set(mark, [...(taken.get(mark) ?? []), message]);
    if (!firstAt.has(mark)) firstAt.set(mark, index);
  });
  const booked = new Map(books.map((one) => [one.mark, one]));
  const lines = new Map<string, string[]>();
  for (const { mark, number, phone, isScheduled } of promised) {
    const own = booked.get(mark);
    const messages = taken.get(mark) ?? [];
    const what = `${mark} to ${phone}: ${messages.length} taken, ${describe(own)}`;
    if (!own) {
      verdict.lost.push(what);
      continue;
    }
    if (messages.length > 1) verdict[isOwed(own, messages) ? 'owed' : 'doubled'].push(what);
    if (TAKEN.includes(own.status) && messages.length === 0) verdict.lost.push(what);
    if (['queued', 'sending', 'accepted'].includes(own.status) && own.state === null && own.status !== 'accepted')
      verdict.lost.push(what);
    if (['failed', 'expired', 'held', 'queued'].includes(own.status) && messages.length > 0) verdict.untrue.push(what);
    if (own.status === 'failed' && own.error === null) verdict.untrue.push(what);
    if (isScheduled || messages.length === 0) continue;
    const line = `${number} ${phone} ${own.class}`;
    lines.set(line, [...(lines.get(line) ?? []), mark]);
  }
  for (const [line, marks] of lines) {
    const places = marks.map((mark) => firstAt.get(mark) ?? 0);
    if (places.some((place, index) => index > 0 && place < (places[index - 1] ?? 0)))
      verdict.misordered.push(`${line}: ${marks.map((mark, index) => `${mark} #${places[index]}`).join(', ')}`);
  }
  return { ...verdict, limits: brokenLimits(limits) };
}

/** A reply whose outcome was in doubt is sent again when no receipt came in time: one more time for each doubt. */
function isOwed(own: Booked, messages: readonly SentMessage[]): boolean {
  const attempts = messages.map(({ biz_opaque_callback_data: reference }) => reference?.split('.')[2] ?? '');
  const resent = attempts.slice(0, -1);
  return (
    own.class === 'reply' &&
    new Set(attempts).size === attempts.length &&
    resent.every((attempt) => own.doubted.includes(attempt))
  );
}

function describe(own: Booked | undefined): string {
  if (!own) return 'not in the books';
  const attempts = own.attempts.map(({ id, status }) => `${id.slice(-6)} ${status}`).join(', ');
  const why = [own.error, own.state, own.held].filter(Boolean).join(' ');
  return `${own.class} ${own.status} ${why} [${attempts}] doubted ${own.doubted.map((id) => id.slice(-6)).join(', ')}`;
}

function brokenLimits({ numbers, pair, portfolios }: LimitReport): string[] {
  const broken: string[] = [];
  for (const [id, { worst, violations }] of Object.entries(numbers)) {
    for (const { ms, count, excess, at } of worst)
      if (excess > 0 && ms >= JUDGED_FROM_MS)
        broken.push(
          `${id}: ${count} within ${ms} ms at ${new Date(at).toISOString()}, ${excess.toFixed(1)} too many (${violations} in all)`,
        );
  }
  if (pair.violations > 0) broken.push(`${pair.violations} beyond the pair limit: ${JSON.stringify(pair.examples[0])}`);
  for (const [id, { unique, limit, violations }] of Object.entries(portfolios))
    if (violations > 0) broken.push(`portfolio ${id}: ${unique} of ${limit} people, ${violations} too many`);
  return broken;
}
