import { Injectable } from '@nestjs/common';
import type { Principal } from '../../access/principal.js';
import type { DialogRecord } from '../../dialog/dialog.repository.js';
import { AcceptService } from './accept.service.js';
import { EntryReader, type SizedEntry } from './entry-reader.service.js';
import { IdempotencyService } from './idempotency.service.js';
import { type DialogMessageBody, type MessageBody, fingerprint } from './message.dto.js';
import { PrepareService } from './prepare.service.js';
import { orThrow } from './refusable.js';

/** `POST /messages` from the caller's words to an accepted message. */
@Injectable()
export class SendMessageService {
  constructor(
    private readonly entries: EntryReader,
    private readonly preparing: PrepareService,
    private readonly accepting: AcceptService,
    private readonly idempotency: IdempotencyService,
  ) {}

  send(principal: Principal, body: MessageBody, idempotencyKey: string | undefined): Promise<object> {
    return this.once(principal, idempotencyKey, fingerprint(body), async () => {
      const [entry] = await this.entries.address([this.entries.read(principal, body)]);
      return orThrow(entry);
    });
  }

  sendInDialog(
    principal: Principal,
    dialog: DialogRecord,
    body: DialogMessageBody,
    idempotencyKey: string | undefined,
  ): Promise<object> {
    return this.once(principal, idempotencyKey, { dialog: dialog.id, body: fingerprint(body) }, async () =>
      this.entries.readInDialog(principal, dialog, body),
    );
  }

  private async once(
    principal: Principal,
    key: string | undefined,
    body: object,
    read: () => Promise<SizedEntry>,
  ): Promise<object> {
    if (key === undefined) return (await this.accepting.accept(await this.prepare(read))).view();
    const begun = await this.idempotency.begin(principal.id, key, body);
    if ('answer' in begun) return begun.answer;
    const { held } = begun;
    try {
      return (await this.accepting.accept({ held, ...(await this.prepare(read)) })).view();
    } catch (error) {
      await this.idempotency.release(held);
      throw error;
    }
  }

  private async prepare(read: () => Promise<SizedEntry>) {
    const [prepared] = await this.preparing.prepareAll([await read()]);
    return orThrow(prepared);
  }
}
