import type { Content } from '../../contract/index.js';
import { type FieldError, Problem } from '../../platform/problem/problem.js';
import { parseContent } from './content.parser.js';
import type { DialogMessageBody } from './message.dto.js';
import type { Submission } from './submission.js';

const MAX_METADATA_BYTES = 16 * 1024;
const DAY_MS = 24 * 60 * 60_000;

/** More is a calendar's business: numbers, templates and prices do not stay for so long. */
const MAX_AHEAD_DAYS = 90;

/** What a body says of the message itself. */
export type Wording = Pick<
  Submission,
  'content' | 'fallback' | 'replyTo' | 'metadata' | 'author' | 'class' | 'sendAt' | 'expiresAt' | 'deliverWithin'
>;

/** @throws Problem 400 for contents and metadata, 422 for moments that make no sense */
export function parseWording(body: DialogMessageBody, now: Date): Wording {
  const { replyTo, metadata, author, class: messageClass, deliverWithin } = body;
  const { content, fallback } = parseContents(body);
  return {
    content,
    ...(fallback && { fallback }),
    ...(replyTo !== undefined && { replyTo }),
    ...(metadata && { metadata }),
    ...(author !== undefined && { author }),
    ...(messageClass !== undefined && { class: messageClass }),
    ...parseTimes(body, now),
    ...(deliverWithin !== undefined && { deliverWithin }),
  };
}

function parseContents({ content, fallback, metadata }: DialogMessageBody): {
  readonly content: Content;
  readonly fallback?: Content;
} {
  const errors: FieldError[] = [];
  const read = (value: unknown, path: string): Content | undefined => {
    const parsed = parseContent(value, path);
    if ('content' in parsed) return parsed.content;
    errors.push(...parsed.errors);
    return undefined;
  };
  const main = read(content, 'content');
  const other = fallback === undefined ? undefined : read(fallback, 'fallback');
  if (metadata && Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES) {
    errors.push({
      path: 'metadata',
      code: 'too_large',
      message: `metadata is longer than ${MAX_METADATA_BYTES} bytes`,
    });
  }
  if (errors.length > 0 || !main) {
    throw new Problem(400, 'validation.failed', errors.map(({ message }) => message).join('; '), errors);
  }
  return { content: main, ...(other && { fallback: other }) };
}

/** A `sendAt` that has passed means at once. */
function parseTimes(body: DialogMessageBody, now: Date): Pick<Wording, 'sendAt' | 'expiresAt'> {
  const sendAt = body.sendAt === undefined ? undefined : new Date(body.sendAt);
  const expiresAt = body.expiresAt === undefined ? undefined : new Date(body.expiresAt);
  if (sendAt && sendAt.getTime() - now.getTime() > MAX_AHEAD_DAYS * DAY_MS) {
    const message = `sendAt (${sendAt.toISOString()}) is more than ${MAX_AHEAD_DAYS} days ahead.`;
    throw refused('sendAt', 'message.send_at.too_far', message);
  }
  if (expiresAt && expiresAt <= now)
    throw refused('expiresAt', 'message.expired', `expiresAt (${expiresAt.toISOString()}) is in the past.`);
  const isAhead = sendAt && sendAt > now;
  if (isAhead && expiresAt && expiresAt <= sendAt) {
    const message = `expiresAt (${expiresAt.toISOString()}) is not after sendAt (${sendAt.toISOString()}): it would never leave.`;
    throw refused('expiresAt', 'message.expires_before_send_at', message);
  }
  return { ...(isAhead && { sendAt }), ...(expiresAt && { expiresAt }) };
}

function refused(path: string, code: string, message: string): Problem {
  return new Problem(422, code, message, [{ path, code, message }]);
}
