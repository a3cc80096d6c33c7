import type { ConsentChanged, JsonObject } from '../../contract/index.js';
import { asText, defined } from '../graph/index.js';
import { Broken, readTime, type ValueContext } from './reading.js';
import { identify, phoneDigits } from './sender.js';

const STATES: ReadonlyMap<string, 'in' | 'out'> = new Map([
  ['stop', 'out'],
  ['resume', 'in'],
]);

/**
 * One of `value.user_preferences[]` (Meta: webhooks/reference/user_preferences). undefined: a category or a word that is new.
 * Throws `Broken` when it names nobody or no time.
 */
export function readPreference(item: JsonObject, context: ValueContext): ConsentChanged | undefined {
  const state = STATES.get(asText(item['value'])?.toLowerCase() ?? '');
  if (asText(item['category'])?.toLowerCase() !== 'marketing_messages' || state === undefined) return undefined;
  const person = identify({ phone: phoneDigits(item['wa_id']), userId: asText(item['user_id']) }, context);
  if (person === undefined) throw new Broken('the preference names neither a phone nor a user id');
  return defined({
    type: 'consent' as const,
    account: context.account,
    person,
    topic: 'marketing' as const,
    state,
    occurredAt: readTime(item['timestamp'], context),
    detail: asText(item['detail']),
    raw: item,
  });
}
