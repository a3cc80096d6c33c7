import { isJsonObject } from '../contract/index.js';

/** What a bot said in its 2xx. */
export interface BotAnswer {
  readonly replies: readonly unknown[];
  readonly variables?: unknown;
  readonly close: boolean;
  /** what could not be made sense of, in words for the log */
  readonly complaint?: string;
}

const MAX_REPLIES = 50;
const NOTHING: BotAnswer = { replies: [], close: false };

/** The body is optional: an empty one, or anything that is not a JSON object, asks for nothing. */
export function parseBotAnswer(text: string): BotAnswer {
  let value: unknown;
  try {
    value = text.trim() === '' ? undefined : JSON.parse(text);
  } catch {
    // "OK" is a polite answer too.
    return NOTHING;
  }
  if (!isJsonObject(value)) return NOTHING;
  const { replies, variables, close } = value;
  const complaints: string[] = [];
  if (replies !== undefined && !Array.isArray(replies)) complaints.push('replies must be an array');
  if (close !== undefined && typeof close !== 'boolean') complaints.push('close must be true or false');
  const list = Array.isArray(replies) ? replies : [];
  if (list.length > MAX_REPLIES) complaints.push(`${list.length} replies, of which ${MAX_REPLIES} are taken`);
  return {
    replies: list.slice(0, MAX_REPLIES),
    ...(variables !== undefined && { variables }),
    close: close === true,
    ...(complaints.length > 0 && { complaint: complaints.join('; ') }),
  };
}

export function asksForNothing({ replies, variables, close }: BotAnswer): boolean {
  return replies.length === 0 && variables === undefined && !close;
}
