import type { RequireOptIn, TemplateClass } from '../../contract/index.js';
import { CONSENT_HOW, type ConsentEntry, type ConsentStanding, type ConsentTopic, isNewer } from './consent.js';

/** What is about to go out. */
export interface ConsentQuestion {
  /** the message's class */
  readonly class: string;
  /** false: free-form content, which only an open window lets through, and which consent never stops */
  readonly isTemplate: boolean;
  /** the class of the template itself, where it is known: an answer with a marketing template is of class `reply` */
  readonly templateClass?: TemplateClass | undefined;
  /** the gateway's policy; absent: none is asked for */
  readonly requireOptIn?: RequireOptIn | undefined;
}

export interface ConsentObstacle {
  readonly code: 'consent.opted_out' | 'consent.missing';
  /** what stands on record, since when and how it came, and what lifts it */
  readonly detail: string;
}

/**
 * Whether what stands on record stops a message; undefined: it may go.
 *
 * - Free-form content is never stopped.
 * - An opt-out of everything stops every template but codes (authentication), which people ask for at the moment they need them.
 * - An opt-out of marketing stops marketing templates. A newer opt-in to marketing or to everything lifts it; an opt-out of
 *   everything is lifted by an opt-in to everything alone.
 * - `requireOptIn` wants an opt-in on record: `marketing` for marketing templates, `all` for every template, codes included. One
 *   to everything will do for each; one to marketing will do for marketing.
 *
 * A template of a class that is neither of these three (an answer) counts as utility unless its own class is given.
 */
export function judgeConsent(standing: ConsentStanding, question: ConsentQuestion): ConsentObstacle | undefined {
  if (!question.isTemplate) return undefined;
  const kind = kindOf(question);
  return optedOut(standing, kind) ?? optInMissing(standing, kind, question.requireOptIn);
}

function kindOf({ class: messageClass, templateClass }: ConsentQuestion): TemplateClass {
  const given = templateClass ?? messageClass;
  return given === 'authentication' || given === 'marketing' ? given : 'utility';
}

function optedOut(standing: ConsentStanding, kind: TemplateClass): ConsentObstacle | undefined {
  if (kind === 'authentication') return undefined;
  if (standing.all?.state === 'out') return refusal('all', standing.all);
  if (kind === 'marketing' && standing.marketing?.state === 'out' && !isLifted(standing.marketing, standing.all)) {
    return refusal('marketing', standing.marketing);
  }
  return undefined;
}

function isLifted(refused: ConsentEntry, all: ConsentEntry | undefined): boolean {
  return all?.state === 'in' && isNewer(all, refused);
}

function optInMissing(
  standing: ConsentStanding,
  kind: TemplateClass,
  required: RequireOptIn | undefined,
): ConsentObstacle | undefined {
  if (required === undefined || (required === 'marketing' && kind !== 'marketing')) return undefined;
  if (standing.all?.state === 'in') return undefined;
  if (kind === 'marketing' && standing.all === undefined && standing.marketing?.state === 'in') return undefined;
  const wanted = kind === 'marketing' ? 'marketing or to all messages' : 'all messages';
  const found = standing.all
    ? `the contact opted out of all messages ${since(standing.all)}`
    : standing.marketing
      ? `on record is only that the contact opted ${standing.marketing.state === 'in' ? 'in to' : 'out of'} marketing messages ${since(standing.marketing)}`
      : 'none is on record';
  return {
    code: 'consent.missing',
    detail: `The gateway requires an opt-in (require_opt_in = ${required}) to ${wanted}; ${found}. Lifted by such an opt-in: ${WAYS}.`,
  };
}

const TOPICS: Readonly<Record<ConsentTopic, string>> = { all: 'all messages', marketing: 'marketing messages' };
const WAYS = 'an opt-in word of the contact, an import, or PUT /contacts/:id/consent';

function refusal(topic: ConsentTopic, entry: ConsentEntry): ConsentObstacle {
  const wider = topic === 'marketing' ? 'marketing or to all messages' : 'all messages';
  return {
    code: 'consent.opted_out',
    detail: `The contact opted out of ${TOPICS[topic]} ${since(entry)}. Lifted by a newer opt-in to ${wider}: ${WAYS}.`,
  };
}

const MAX_NOTE = 200;

function since({ at, how, what }: ConsentEntry): string {
  const note = what === null ? '' : ` “${what.length > MAX_NOTE ? `${what.slice(0, MAX_NOTE - 1)}…` : what}”`;
  return `at ${at.toISOString()}, ${wayOf(how, note)}`;
}

function wayOf(how: string, note: string): string {
  const remark = note && `:${note}`;
  switch (how) {
    case CONSENT_HOW.keyword:
      return `by writing${note}`;
    case CONSENT_HOW.network:
      return `as the network told us${remark}`;
    case CONSENT_HOW.api:
      return `as recorded through the API${remark}`;
    case CONSENT_HOW.import:
      return `as imported${remark}`;
    case CONSENT_HOW.bot:
      return `as the bot told us${remark}`;
    default:
      return `by ${how}${remark}`;
  }
}
