import { isJsonObject } from '../../contract/index.js';
import { MESSAGE_CLASSES } from '../message-class.js';
import { AUTHORS } from './submission.js';

type Judge = (value: unknown) => boolean;

/** Lengths are counted in code points elsewhere; of these letters each is one. */
const isShortText = (value: unknown): boolean => typeof value === 'string' && /^[\x20-\x7e]{1,100}$/.test(value);

const ANYTHING: Judge = () => true;

/** What plainly fits `BatchItemBody`. Moments are not here: whether they are any is for the validator to say. */
const FIELDS: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['gateway', isShortText],
  ['to', ANYTHING],
  ['content', ANYTHING],
  ['fallback', ANYTHING],
  ['channel', isShortText],
  ['account', isShortText],
  ['replyTo', isShortText],
  ['idempotencyKey', isShortText],
  ['author', (value) => AUTHORS.some((one) => one === value)],
  ['class', (value) => MESSAGE_CLASSES.some((one) => one === value)],
  ['metadata', isJsonObject],
]);

/**
 * Whether a message of a batch is certain to have the shape of `BatchItemBody`: then the validator, which takes ten times as long
 * to find nothing, is not asked. What is false here may be right all the same.
 */
export function isPlainItem(value: object): boolean {
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(fields)) if (!FIELDS.get(name)?.(fields[name])) return false;
  return fields['gateway'] !== undefined;
}
