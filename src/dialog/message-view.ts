import { textOf } from '../contract/index.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import type { ShowContent } from '../media/media-views.service.js';
import { rankOf } from './message-status.js';
import type { AttemptRecord } from './message-history.repository.js';
import type { MessageRecord } from './message-record.js';
import { type TimelineEntry, isProviders } from './timeline.js';

interface Extras {
  readonly gateway: LoadedGateway | undefined;
  readonly account: LoadedAccount | undefined;
  readonly timeline: readonly TimelineEntry[];
  readonly attempts: readonly AttemptRecord[];
  /** contents with their files as they are now */
  readonly show: ShowContent;
}

/** A message as the API shows it, in lists as alone. */
export function messageView(message: MessageRecord, { gateway, account, timeline, attempts, show }: Extras): object {
  const isOnTheWire = isWaiting(message) && attempts.at(-1)?.status === 'sending';
  return {
    id: message.id,
    direction: message.direction === 'in' ? 'inbound' : 'outbound',
    status: isOnTheWire ? 'sending' : message.status,
    gateway: { id: message.gatewayId, ...(gateway && { uri: gateway.uri }) },
    channel: message.channel,
    account: account ? { id: account.address, name: account.name } : null,
    dialog: message.dialogId,
    contact: message.contactId,
    origin: message.origin,
    ...(message.class !== null && { class: message.class }),
    ...(message.recipient && { to: message.recipient }),
    ...(message.providerId !== undefined && { providerId: message.providerId }),
    text: textOf(message.content),
    content: show(message.content),
    ...(message.fallback && { fallback: show(message.fallback), part: message.part }),
    notes: message.notes,
    ...(message.replyTo !== undefined && { replyTo: message.replyTo }),
    ...(message.referral && { referral: message.referral }),
    ...message.context,
    metadata: message.metadata ?? {},
    timeline: mergeTimeline(message, timeline, attempts),
    ...(message.direction === 'out' && {
      attempts: attempts.map((attempt) => ({
        id: attempt.id,
        part: attempt.part,
        status: attempt.status,
        at: attempt.at.toISOString(),
        ...(attempt.providerId !== null && { providerId: attempt.providerId }),
        ...(attempt.error && { error: attempt.error }),
      })),
    }),
    ...(message.error && { error: message.error }),
    ...(message.held && !isOnTheWire && { held: message.held }),
    ...(message.price && { price: message.price }),
    createdAt: message.createdAt.toISOString(),
    sentAt: message.occurredAt.toISOString(),
    updatedAt: message.updatedAt.toISOString(),
    ...(message.sendAt && { sendAt: message.sendAt.toISOString() }),
    ...(message.expiresAt && { expiresAt: message.expiresAt.toISOString() }),
    ...(message.deliverWithin !== undefined && { deliverWithin: message.deliverWithin }),
  };
}

/**
 * What is on record elsewhere is not written twice: `queued` is the message's own creation, `sending` is its attempts; the
 * timeline adds what neither knows. What a provider says of an attempt comes after its acceptance, also
 * when we wrote that down in the second after.
 */
function mergeTimeline(
  message: MessageRecord,
  timeline: readonly TimelineEntry[],
  attempts: readonly AttemptRecord[],
): readonly object[] {
  const own: TimelineEntry[] = [beginningOf(message)];
  for (const attempt of attempts) own.push({ status: 'sending', at: attempt.at, detail: { attempt: attempt.id } });
  const acceptedAt = new Map(attempts.map((attempt) => [attempt.providerId, attempt.settledAt ?? attempt.at]));
  const orderOf = (entry: TimelineEntry): number => {
    if (!isProviders(entry.detail)) return entry.at.getTime();
    const accepted = acceptedAt.get(entry.detail?.['providerId'] as string | null)?.getTime() ?? 0;
    return Math.max(endOfSecond(entry.at), accepted + 0.5);
  };
  return [...own, ...timeline]
    .map((entry, place) => ({ entry, place }))
    .sort(
      (a, b) =>
        orderOf(a.entry) - orderOf(b.entry) || rankInSecond(a.entry) - rankInSecond(b.entry) || a.place - b.place,
    )
    .map(({ entry: { status, at, detail } }) => {
      const { provider: _provider, ...shown } = detail ?? {};
      return { status, at: at.toISOString(), ...shown };
    });
}

/** What somebody else sent was accepted, by the network's time, before anything that its receipts tell. */
function beginningOf(message: MessageRecord): TimelineEntry {
  const { direction, createdAt, occurredAt } = message;
  if (direction === 'in') return { status: 'received', at: createdAt, detail: null };
  if (isOthers(message)) return { status: 'accepted', at: occurredAt, detail: { provider: true } };
  return { status: 'queued', at: createdAt, detail: null };
}

/** Whether somebody else put it on the wire. What goes out through us has a class, also when a person wrote it. */
export function isOthers({ origin, class: own }: Pick<MessageRecord, 'origin' | 'class'>): boolean {
  return origin === 'human' && own === null;
}

/** Providers stamp whole seconds: what they say of a second sorts after what we did in it. */
function endOfSecond(at: Date): number {
  return Math.floor(at.getTime() / 1_000) * 1_000 + 999.5;
}

function rankInSecond(entry: TimelineEntry): number {
  return isProviders(entry.detail) ? rankOf(entry.status) : 0;
}

/** A message on the wire says so by its attempt alone: a row that is about to change anyway is not written for it. */
function isWaiting({ status }: MessageRecord): boolean {
  return status === 'queued' || status === 'held';
}
