import { Injectable } from '@nestjs/common';
import type { RequireOptIn, TemplatesFacet } from '../../contract/index.js';
import { ConsentRepository } from '../../dialog/consent/consent.repository.js';
import type { ConsentStanding } from '../../dialog/consent/consent.js';
import { judgeConsent } from '../../dialog/consent/judge-consent.js';
import type { Sql } from '../../platform/database/database.js';
import { type ClassRank, FREE_FORM, type MessageKind, classOfRank } from '../message-class.js';

/** A message whose recipient may have something against it. */
export interface Asked {
  readonly messageId: string;
  readonly contactId: string;
  readonly class: ClassRank;
  readonly kind: MessageKind;
  /** of its template, where that is known */
  readonly category: string | null;
}

/** What people allowed or forbade, for many messages at once. */
@Injectable()
export class ConsentObstacles {
  constructor(private readonly consents: ConsentRepository) {}

  /**
   * By message id, in plain words, what stands against it; a message that is not in the answer may go. Before a message is held,
   * its contact's record is locked and read again: a change that lifts the hold waits then, and finds it.
   */
  async of(
    sql: Sql,
    asked: readonly Asked[],
    { templates, requireOptIn }: { templates: TemplatesFacet | undefined; requireOptIn: RequireOptIn | undefined },
    { lock = true }: { lock?: boolean } = {},
  ): Promise<ReadonlyMap<string, string>> {
    const subject = asked.filter(({ kind }) => kind !== FREE_FORM);
    const judge = (of: readonly Asked[], standings: ReadonlyMap<string, ConsentStanding>): [Asked, string][] =>
      of.flatMap((one): [Asked, string][] => {
        const obstacle = judgeConsent(standings.get(one.contactId) ?? {}, {
          class: classOfRank(one.class),
          isTemplate: true,
          ...(one.category !== null && templates && { templateClass: templates.classOf(one.category) }),
          requireOptIn,
        });
        return obstacle ? [[one, obstacle.detail]] : [];
      });
    const contacts = (of: readonly Asked[]): string[] => [...new Set(of.map(({ contactId }) => contactId))];
    let found = judge(subject, await this.consents.standings(sql, contacts(subject)));
    if (found.length > 0 && lock) {
      const again = found.map(([one]) => one);
      found = judge(again, await this.consents.standings(sql, contacts(again), { lock: true }));
    }
    return new Map(found.map(([{ messageId }, detail]) => [messageId, detail]));
  }
}
