import { isJsonObject } from '../../contract/index.js';
import { LIMITS } from './capabilities.js';
import type { Problems } from './problems.js';

const LISTS = ['phones', 'emails', 'addresses', 'urls'] as const;

/** Contact cards (Meta: messages/contacts-messages). Members that are not known here are Meta's to judge. */
export function checkContacts(contacts: unknown, problems: Problems): void {
  const cards: unknown[] = Array.isArray(contacts) ? contacts : [];
  if (cards.length === 0) return problems.invalid('content.contacts', 'must hold at least one contact card');
  problems.tooMany('content.contacts', cards.length, LIMITS.contacts, 'contact cards');
  cards.forEach((card, index) => checkCard(`content.contacts[${index}]`, card, problems));
}

function checkCard(path: string, value: unknown, problems: Problems): void {
  const card = isJsonObject(value) ? value : {};
  const { name, org, birthday } = card;
  if (!isName(name))
    problems.invalid(`${path}.name`, 'must have formatted_name and one more part, e.g. first_name, all of them texts');
  for (const list of LISTS) {
    const entries = card[list];
    if (entries === undefined || (Array.isArray(entries) && entries.every(isJsonObject))) continue;
    problems.invalid(`${path}.${list}`, 'must be a list of objects');
  }
  if (org !== undefined && !isJsonObject(org)) problems.invalid(`${path}.org`, 'must be an object');
  if (birthday !== undefined && !(typeof birthday === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(birthday)))
    problems.invalid(`${path}.birthday`, 'must be a date like 1990-12-31');
}

/** Meta wants `formatted_name` and at least one more part of the name. */
function isName(name: unknown): boolean {
  if (!isJsonObject(name)) return false;
  const parts = Object.values(name);
  const areTexts = parts.every((part) => typeof part === 'string' && part.trim() !== '');
  return areTexts && parts.length > 1 && name['formatted_name'] !== undefined;
}
