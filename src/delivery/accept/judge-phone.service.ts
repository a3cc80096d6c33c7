import { Injectable } from '@nestjs/common';
import type { TemplateContent } from '../../contract/index.js';
import { Problem } from '../../platform/problem/problem.js';
import { RecipientResolver } from './recipient-resolver.service.js';
import type { Refusable } from './refusable.js';
import type { Entry, Submission } from './submission.js';

const PHONE_REQUIRED =
  'This kind of template goes to a phone number only, and none is known of this person. Ask for the number, or send another kind.';

/**
 * Some kinds of templates go to a phone number only. A person who was named by the network's id is written to by phone where it is
 * known; else the message is refused before it is queued, with the code that the network's own refusal has.
 */
@Injectable()
export class JudgePhone {
  constructor(private readonly resolver: RecipientResolver) {}

  /** Costs nothing where no such template is among them. A Problem is 422 `recipient.phone_required`. */
  async judgeAll<E extends Entry>(entries: readonly E[]): Promise<readonly Refusable<E>[]> {
    const concerned = entries.filter(
      ({ recipient, submission }) => !recipient.address['phone'] && needsPhone(submission),
    );
    if (concerned.length === 0) return entries;
    const known = await this.resolver.known(
      concerned.map(({ submission, recipient }) => ({ accountId: submission.sender.account.id, recipient })),
    );
    const located = concerned.flatMap((entry, index) => {
      const contactId = known[index]?.contactId;
      return contactId === undefined ? [] : [{ entry, contactId }];
    });
    const resolved = await this.resolver.resolveAll(
      located.map(({ entry, contactId }) => ({
        target: { kind: 'contact', contactId },
        account: entry.submission.sender.account,
      })),
    );
    const byPhone = new Map(located.map(({ entry }, index) => [entry, resolved[index]]));
    return entries.map((entry) => {
      if (!concerned.includes(entry)) return entry;
      const recipient = byPhone.get(entry);
      if (recipient && 'address' in recipient && recipient.address['phone']) return { ...entry, recipient };
      return new Problem(422, 'recipient.phone_required', PHONE_REQUIRED, [
        { path: 'to', code: 'recipient.phone_required', message: PHONE_REQUIRED },
      ]);
    });
  }
}

/** `code` fills authentication templates and no others, also where nobody knows the template. */
function needsPhone({ sender, content, fallback, templates }: Submission): boolean {
  const kinds = sender.channel.capabilities.phoneOnlyTemplates ?? [];
  if (kinds.length === 0) return false;
  const isAuthentication = ({ params }: TemplateContent): boolean =>
    params?.code !== undefined && kinds.includes('authentication');
  const parts = { content, fallback };
  return (['content', 'fallback'] as const).some((part) => {
    const given = parts[part];
    if (given?.type !== 'template') return false;
    const verdict = templates?.[part];
    return (verdict?.id !== undefined && kinds.includes(verdict.class)) || isAuthentication(given);
  });
}
