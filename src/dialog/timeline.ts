import type { JsonObject, ReceiptReceived } from '../contract/index.js';

/** One thing that happened to a message. */
export interface TimelineEntry {
  readonly status: string;
  readonly at: Date;
  readonly detail: JsonObject | null;
}

/** The same with what makes a repeat a repeat. */
export interface TimelineNote extends TimelineEntry {
  readonly key: string;
}

/** How an entry lies in its line, behind its key; `at` in ms since the epoch. */
interface Stored {
  readonly status: string;
  readonly at: number;
  readonly detail?: JsonObject;
}

/**
 * The history of a message lies in its row as text, a line per entry in the order of recording: line feed, key as JSON string,
 * tab, entry as JSON. So an entry is appended without reading the others, and looked for without parsing them: JSON has neither
 * line feeds nor tabs inside its strings.
 */
export function lineOf({ key, status, at, detail }: TimelineNote): string {
  const stored: Stored = { status, at: at.getTime(), ...(detail && { detail }) };
  return `${startOf(key)}${JSON.stringify(stored)}`;
}

export function linesOf(notes: readonly TimelineNote[]): string {
  return notes.map(lineOf).join('');
}

export function hasNote(timeline: string, key: string): boolean {
  return timeline.includes(startOf(key));
}

/** In the order of recording. */
export function readTimeline(timeline: string): readonly TimelineNote[] {
  return timeline
    .split('\n')
    .slice(1)
    .map((line) => {
      const end = line.indexOf('\t');
      const key = JSON.parse(line.slice(0, end)) as string;
      const { status, at, detail = null } = JSON.parse(line.slice(end + 1)) as Stored;
      const told = isProviders(detail) ? { ...detail, ...readKey(key, status) } : detail;
      return { key, status, at: new Date(at), detail: told };
    });
}

/** What makes a receipt the same receipt. */
export function receiptKey({ status, participant, providerId }: ReceiptReceived): string {
  return `${status}|${participant ?? ''}|${providerId}`;
}

/** What its key says is not written twice: see {@link readKey}. */
export function receiptNote(receipt: ReceiptReceived): TimelineNote {
  const { status, occurredAt, error } = receipt;
  return {
    key: receiptKey(receipt),
    status,
    at: occurredAt,
    detail: { provider: true, ...(error && { code: error.code, detail: error.details ?? error.message }) },
  };
}

/** That the network took an attempt. */
export function acceptedNote(attemptId: string, providerId: string, at: Date): TimelineNote {
  return { key: acceptedKey(attemptId), status: 'accepted', at, detail: { attempt: attemptId, providerId } };
}

export function acceptedKey(attemptId: string): string {
  return `accepted#${attemptId}`;
}

/** Whether a provider says so, and not we. */
export function isProviders(detail: JsonObject | null | undefined): boolean {
  return detail?.['provider'] === true;
}

function readKey(key: string, status: string): JsonObject {
  const [participant = '', ...rest] = key.slice(status.length + 1).split('|');
  return { providerId: rest.join('|'), ...(participant !== '' && { participant }) };
}

function startOf(key: string): string {
  return `\n${JSON.stringify(key)}\t`;
}
