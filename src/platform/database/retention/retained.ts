/** How long rows of a table are kept is one of two settings. */
export type Span = 'events' | 'messages';

interface RetainedTable {
  readonly table: string;
  /** what names a row's partition */
  readonly column: string;
  readonly span: Span;
  /** SQL, true for a row `r` that is kept however old it is; `$1` is an id, and all ids of rows in question are below it */
  readonly isNeeded: string;
}

const BY_OPEN_MESSAGE = (column: string): string =>
  `${column} IN (SELECT message_id FROM outbound WHERE message_id < $1::uuid)`;

/**
 * The partitioned tables, and what of them is still somebody's work: a message that has not left, with its attempts and its
 * history; an event that a bot has not taken; a webhook that is not processed.
 */
export const RETAINED: readonly RetainedTable[] = [
  {
    table: 'provider_event',
    column: 'received_at',
    span: 'events',
    // Its ids are numbers; `$1` has to be named all the same.
    isNeeded: `r.id IN (SELECT event_id FROM inbox_pending) AND $1::uuid IS NOT NULL`,
  },
  {
    table: 'event',
    column: 'created_at',
    span: 'events',
    isNeeded: `r.id IN (SELECT event_id FROM event_delivery WHERE event_id < $1::uuid)`,
  },
  { table: 'attempt', column: 'created_at', span: 'messages', isNeeded: BY_OPEN_MESSAGE('r.message_id') },
  { table: 'message', column: 'created_at', span: 'messages', isNeeded: BY_OPEN_MESSAGE('r.id') },
];
