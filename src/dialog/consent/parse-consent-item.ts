import { isDateString, isISO8601 } from 'class-validator';
import { isJsonObject } from '../../contract/index.js';
import { isPlainText } from '../../platform/http/is-plain-text.js';
import { Problem } from '../../platform/problem/problem.js';
import { type Target, parseTarget } from '../target.js';
import { CONSENT_HOW, CONSENT_STATES, CONSENT_TOPICS, type ConsentChange } from './consent.js';
import { MAX_HOW, MAX_WHAT } from './consent.dto.js';

export interface ConsentItem {
  readonly target: Exclude<Target, { kind: 'dialog' }>;
  readonly said: Omit<ConsentChange, 'contactId'>;
}

const FIELDS = ['to', 'state', 'topic', 'at', 'how', 'what'];

/**
 * One entry of an import. By hand: validating thousands by their class would keep the process busy.
 *
 * @throws Problem that says what is wrong with it
 */
export function parseConsentItem(value: unknown, now: Date): ConsentItem {
  if (!isJsonObject(value)) throw wrong('must be an object with to and state');
  const { to, state, topic = 'all', at, how = CONSENT_HOW.import, what } = value;
  const unknown = Object.keys(value).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw wrong(`${unknown.slice(0, 50)} is not a known field`);
  const target = parseTarget(to);
  if (target.kind === 'dialog') throw new Problem(400, 'to.malformed', 'Consent is a person’s: name the contact.');
  const knownState = CONSENT_STATES.find((one) => one === state);
  const knownTopic = CONSENT_TOPICS.find((one) => one === topic);
  if (!knownState) throw wrong(`state must be one of ${CONSENT_STATES.join(', ')}`);
  if (!knownTopic) throw wrong(`topic must be one of ${CONSENT_TOPICS.join(', ')}`);
  if (typeof how !== 'string' || how === '' || how.length > MAX_HOW || !isPlainText(how))
    throw wrong(`how must be 1 to ${MAX_HOW} characters on one line`);
  if (what !== undefined && (typeof what !== 'string' || what.length > MAX_WHAT))
    throw wrong(`what must be at most ${MAX_WHAT} characters`);
  const said = { topic: knownTopic, state: knownState, how, ...(what !== undefined && { what }) };
  return { target, said: { ...said, at: at === undefined ? now : momentOf(at, now) } };
}

/** A network's or a form's clock may be ahead a little. */
const TOLERATED_MS = 60_000;

/** @throws Problem 422 `consent.in_future`: it would outrank whatever the person says until then */
export function momentOf(at: unknown, now: Date): Date {
  if (!isDateString(at, { strict: true }) || !isISO8601(at, { strict: true, strictSeparator: true }))
    throw wrong('at must be a date and time as ISO 8601 writes it');
  const moment = new Date(at as string);
  if (moment.getTime() > now.getTime() + TOLERATED_MS)
    throw new Problem(422, 'consent.in_future', `at (${moment.toISOString()}) is in the future.`);
  return moment;
}

function wrong(detail: string): Problem {
  return new Problem(400, 'validation.failed', detail);
}
