import { type Content, MESSAGE_CLASSES, type MessageClass, isTemplate } from '../contract/index.js';

export { MESSAGE_CLASSES, type MessageClass };

/** 0 is the best; what the tables store. */
export type ClassRank = 0 | 1 | 2 | 3;

export const AUTHENTICATION = 0 as const;
export const REPLY = 1 as const;
export const UTILITY = 2 as const;
export const MARKETING = 3 as const;
export const CLASS_RANKS: readonly ClassRank[] = [AUTHENTICATION, REPLY, UTILITY, MARKETING];

export function rankOfClass(name: MessageClass): ClassRank {
  return MESSAGE_CLASSES.indexOf(name) as ClassRank;
}

export function classOfRank(rank: number): MessageClass {
  return MESSAGE_CLASSES[rank] ?? 'marketing';
}

/** What a message goes by: free-form content needs an open window, a template was reviewed, native is the network's business. */
export const FREE_FORM = 0 as const;
export const TEMPLATE = 1 as const;
export const NATIVE = 2 as const;
export type MessageKind = typeof FREE_FORM | typeof TEMPLATE | typeof NATIVE;

export function kindOf(content: Content): MessageKind {
  if (isTemplate(content)) return TEMPLATE;
  return content.type === 'native' ? NATIVE : FREE_FORM;
}
