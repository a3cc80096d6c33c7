import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit } from '../access/principal.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import type { PageQuery } from '../platform/http/page.dto.js';
import { idOfCursor, pageOf } from '../platform/http/page.js';
import { isId } from '../platform/ids/ids.js';
import { Problem } from '../platform/problem/problem.js';
import { CONSENT_HOW } from './consent/consent.js';
import type { ConsentBody } from './consent/consent.dto.js';
import { ConsentRepository } from './consent/consent.repository.js';
import { consentView, standingView } from './consent/consent.view.js';
import { Consents } from './consent/consents.service.js';
import { momentOf } from './consent/parse-consent-item.js';
import { type ContactIdentity, ContactProfileRepository } from './contact-profile.repository.js';

/** Contacts as the API shows and changes them. */
@Injectable()
export class ContactReader {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly profiles: ContactProfileRepository,
    private readonly standings: ConsentRepository,
    private readonly consents: Consents,
  ) {}

  async view(principal: Principal, given: string): Promise<object> {
    const id = await this.find(principal, given);
    const profile = await this.profiles.find(id);
    if (!profile) throw notFound();
    const phone = profile.identities.findLast(({ kind }) => kind === 'phone')?.value;
    return {
      id,
      name: profile.name,
      ...(phone !== undefined && { phone: `+${phone}` }),
      identities: profile.identities.map(identityView),
      consent: await this.standing(id),
      createdAt: profile.createdAt.toISOString(),
      updatedAt: profile.updatedAt.toISOString(),
    };
  }

  async history(principal: Principal, given: string, { cursor, limit }: PageQuery): Promise<object> {
    const id = await this.find(principal, given);
    const records = await this.standings.history(id, idOfCursor(cursor) ?? null, limit + 1);
    const page = pageOf(
      records,
      limit,
      (record) => record.id,
      (record) => ({ topic: record.topic, ...consentView(record), recordedAt: record.recordedAt.toISOString() }),
    );
    return { contact: id, consent: await this.standing(id), ...page };
  }

  /** Answers with what stands, which is not what was given when that is older. */
  async record(principal: Principal, given: string, body: ConsentBody): Promise<object> {
    const { state, topic = 'all', at, how = CONSENT_HOW.api, what } = body;
    const contactId = await this.find(principal, given);
    const now = this.clock.now();
    const change = {
      contactId,
      topic,
      state,
      at: at === undefined ? now : momentOf(at, now),
      how,
      ...(what !== undefined && { what }),
    };
    const effect = await this.database.transaction((sql) => this.consents.record(sql, [change], now));
    this.consents.wake(effect);
    const entry = (await this.standings.standings(this.database, [contactId])).get(contactId)?.[topic];
    return {
      contact: contactId,
      topic,
      ...(entry && consentView(entry)),
      consent: await this.standing(contactId),
    };
  }

  /** An old id that was merged leads to the contact that goes on. @throws Problem 404 */
  private async find(principal: Principal, id: string): Promise<string> {
    const current = isId(id) ? (await this.profiles.reachable([id], gatewayLimit(principal))).get(id) : undefined;
    if (current === undefined) throw notFound();
    return current;
  }

  private async standing(id: string): Promise<object> {
    return standingView((await this.standings.standings(this.database, [id])).get(id));
  }
}

const KINDS = { phone: 'phone', user: 'userId', username: 'username' } as const;

function identityView({ kind, channel, value, since }: ContactIdentity): object {
  return { kind: KINDS[kind], channel, value: kind === 'phone' ? `+${value}` : value, since: since.toISOString() };
}

function notFound(): Problem {
  return new Problem(404, 'contact.not_found', 'There is no such contact.');
}
