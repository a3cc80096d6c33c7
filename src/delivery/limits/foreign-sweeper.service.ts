import { Inject, Injectable } from '@nestjs/common';
import type { ReceiptReceived } from '../../contract/index.js';
import { ContactRepository } from '../../dialog/contact.repository.js';
import { keyText, lookupKeys, type Person, storable } from '../../dialog/person.js';
import { ThreadRepository, threadKey } from '../../dialog/thread.repository.js';
import { windowOf } from '../../dialog/window.js';
import { portfolioOf } from '../../gateway/account-limits.js';
import { type FoundAccount, GatewayDirectory } from '../../gateway/gateway-directory.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import type { Kicker } from '../../platform/queue/kicker.js';
import { kickerToken } from '../../platform/queue/queue.tokens.js';
import { QUEUES } from '../../platform/queue/queues.js';
import { Sweeper } from '../../platform/process/sweeper.js';
import { AsideRepository } from '../admission/aside.repository.js';
import { Places } from '../admission/places.service.js';
import { TierLedger } from '../admission/tier-ledger.repository.js';
import { MARKETING } from '../message-class.js';
import { classOfCategory } from './foreign-sends.js';

const BATCH = 500;

interface Row {
  account_id: string;
  provider_id: string;
  key: string;
  receipt: Omit<ReceiptReceived, 'occurredAt'> & { occurredAt: string };
}

interface Sent {
  readonly row: Row;
  readonly found: FoundAccount;
  readonly person: Person;
  readonly at: Date;
}

/**
 * Another system on the same portfolio writes to people too, and the network counts them together with ours. Its receipts are
 * kept where nothing of ours matched them; here they are counted, once, as soon as they are there.
 */
@Injectable()
export class ForeignSweeper extends Sweeper {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly contacts: ContactRepository,
    private readonly threads: ThreadRepository,
    private readonly ledger: TierLedger,
    private readonly aside: AsideRepository,
    private readonly places: Places,
    @Inject(kickerToken(QUEUES.admit)) private readonly admission: Kicker,
    @Inject(LOG) log: Log,
  ) {
    super(log);
  }

  async sweep(): Promise<void> {
    for (let count = BATCH; count === BATCH;) count = await this.countSome();
  }

  private async countSome(): Promise<number> {
    const rows = await this.database.query<Row>(
      `SELECT account_id, provider_id, key, receipt FROM unmatched_receipt WHERE is_foreign ORDER BY recorded_at LIMIT $1`,
      [BATCH],
    );
    if (rows.length === 0) return 0;
    const sent = rows.flatMap((row): Sent[] => {
      const found = this.directory.accountById(row.account_id);
      const { recipient, occurredAt } = row.receipt;
      if (!found || !recipient) return [];
      const scope = { channel: found.account.channel, realm: found.account.portfolio ?? found.account.group };
      return [{ row, found, person: { ...storable(recipient), scope }, at: new Date(occurredAt) }];
    });
    await this.contacts.ensure(sent.map(({ person }) => person));
    const now = this.clock.now();
    const woken = await this.database.transaction(async (sql) => {
      const freed = new Set<string>();
      const located = await this.contacts.locate(
        sql,
        sent.map(({ person }) => person),
      );
      const openings = sent.flatMap((one) => {
        const contactId = lookupKeys(one.person)
          .map((key) => located.get(keyText(key)))
          .find((id) => id !== undefined);
        return contactId === undefined ? [] : [{ ...one, contactId }];
      });
      const inbound = await this.threads.lastInbound(
        sql,
        openings.map(({ found, contactId }) => ({ accountId: found.account.id, contactId })),
      );
      const counted = openings.filter(({ found: { gateway, account }, contactId, at }) => {
        const durationMs = gateway.channel(account.channel)?.capabilities.window?.durationMs ?? null;
        const lastInboundAt = inbound.get(threadKey({ accountId: account.id, contactId })) ?? null;
        return windowOf({ durationMs, lastInboundAt, connectedSince: null }, at).state !== 'open';
      });
      const portfolios = [...new Set(counted.map(({ found }) => portfolioOf(found.gateway, found.account)))].sort();
      for (const portfolioId of portfolios) {
        const own = counted.filter(({ found }) => portfolioOf(found.gateway, found.account) === portfolioId);
        await this.ledger.foreign(
          sql,
          portfolioId,
          own.map(({ row, contactId, at }) => ({
            contactId,
            class: classOfCategory(row.receipt.price?.category) ?? MARKETING,
            at,
          })),
          now,
        );
        // Who was opened by somebody else takes no place of ours.
        const accounts = this.places.accountsOf(new Set([portfolioId]));
        const people = own.map(({ contactId }) => contactId);
        for (const accountId of await this.aside.shared(sql, people, accounts, now)) freed.add(accountId);
      }
      await sql.query(
        `UPDATE unmatched_receipt u SET is_foreign = false FROM unnest($1::uuid[], $2::text[], $3::text[]) AS k (account_id, provider_id, key)
         WHERE u.account_id = k.account_id AND u.provider_id = k.provider_id AND u.key = k.key`,
        [
          rows.map(({ account_id }) => account_id),
          rows.map(({ provider_id }) => provider_id),
          rows.map(({ key }) => key),
        ],
      );
      return freed;
    });
    for (const accountId of woken) this.admission.kick(accountId);
    return rows.length;
  }
}
