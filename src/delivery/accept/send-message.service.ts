import { Injectable } from '@nestjs/common';
import { mayAccessGateway, type Principal } from '../../access/principal.js';
import type { Content } from '../../contract/index.js';
import { MessageReader } from '../../dialog/message-reader.service.js';
import type { DialogRecord } from '../../dialog/dialog.repository.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Sql } from '../../platform/database/database.js';
import { type FieldError, Problem } from '../../platform/problem/problem.js';
import { AcceptService, type Accepted } from './accept.service.js';
import type { Submission } from './submission.js';
import { type Sender, chooseAccount, requireSendable, senderOf } from './choose-account.js';
import { parseContent } from './content.parser.js';
import { IdempotencyService } from './idempotency.service.js';
import type { DialogMessageBody, MessageBody } from './message.dto.js';
import { type Recipient, RecipientResolver } from './recipient-resolver.service.js';
import { parseTarget } from '../recipient.js';

const MAX_METADATA_BYTES = 16 * 1024;

/** `POST /messages` from the caller's words to an accepted message. */
@Injectable()
export class SendMessageService {
  constructor(
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly resolver: RecipientResolver,
    private readonly accepting: AcceptService,
    private readonly idempotency: IdempotencyService,
    private readonly reader: MessageReader,
  ) {}

  async send(principal: Principal, body: MessageBody, idempotencyKey: string | undefined): Promise<object> {
    return this.once(principal, idempotencyKey, body, async (alongside) => {
      const parsed = this.parse(body);
      const gateway = this.gateway(principal, body.gateway);
      const target = parseTarget(body.to);
      if (target.kind === 'dialog') {
        const dialog = await this.resolver.dialog(target.dialogId);
        if (dialog.gatewayId !== gateway.id)
          throw new Problem(422, 'dialog.unknown', `There is no dialog ${dialog.id} on this gateway.`);
        return this.sendTo(dialog, gateway, parsed, alongside, { channel: body.channel, account: body.account });
      }
      const sender = chooseAccount(gateway, body.channel, body.account);
      requireSendable(gateway, sender.account);
      return this.accept(gateway, sender, await this.resolver.resolve(target, sender.account), parsed, alongside);
    });
  }

  async sendInDialog(
    principal: Principal,
    dialog: DialogRecord,
    body: DialogMessageBody,
    idempotencyKey: string | undefined,
  ): Promise<object> {
    return this.once(principal, idempotencyKey, { dialog: dialog.id, body }, async (alongside) => {
      const parsed = this.parse(body);
      const gateway = this.gateway(principal, dialog.gatewayId);
      return this.sendTo(dialog, gateway, parsed, alongside, {});
    });
  }

  private async once(
    principal: Principal,
    key: string | undefined,
    body: object,
    work: (alongside: (sql: Sql, accepted: Accepted) => Promise<void>) => Promise<Accepted>,
  ): Promise<object> {
    if (key === undefined) return this.view(await work(async () => {}));
    const begun = await this.idempotency.begin(principal.id, key, body);
    if ('answer' in begun) return begun.answer;
    try {
      let answer: object | undefined;
      await work(async (sql, { id }) => {
        answer = await this.reader.one(id, sql);
        await this.idempotency.remember(sql, begun.held, 202, answer ?? {});
      });
      return answer ?? {};
    } catch (error) {
      await this.idempotency.release(begun.held);
      throw error;
    }
  }

  private async view({ id }: Accepted): Promise<object> {
    return (await this.reader.one(id)) ?? { id };
  }

  private sendTo(
    dialog: DialogRecord,
    gateway: LoadedGateway,
    parsed: ParsedBody,
    alongside: (sql: Sql, accepted: Accepted) => Promise<void>,
    named: { channel?: string | undefined; account?: string | undefined },
  ): Promise<Accepted> {
    const account = gateway.accounts.find(({ id }) => id === dialog.accountId);
    if (!account)
      throw new Problem(
        409,
        'account.inactive',
        'The account of this dialog was removed; run setup and subscribe it again.',
      );
    if (
      (named.account ?? account.address) !== account.address ||
      (named.channel ?? account.channel) !== account.channel
    ) {
      throw new Problem(
        422,
        'account.mismatch',
        `The dialog belongs to the account ${account.address} on ${account.channel}.`,
      );
    }
    requireSendable(gateway, account);
    return this.accept(gateway, senderOf(gateway, account), this.resolver.ofDialog(dialog, account), parsed, alongside);
  }

  private accept(
    gateway: LoadedGateway,
    sender: Sender,
    recipient: Recipient,
    parsed: ParsedBody,
    alongside: (sql: Sql, accepted: Accepted) => Promise<void>,
  ): Promise<Accepted> {
    const submission: Submission = { gateway, sender, origin: 'api', ...parsed };
    return this.accepting.accept(submission, recipient, alongside);
  }

  /** A gateway in a body that the caller may not use does not exist for them. */
  private gateway(principal: Principal, idOrUri: string): LoadedGateway {
    const gateway = this.directory.byIdOrUri(idOrUri);
    if (gateway && mayAccessGateway(principal, gateway.id)) return gateway;
    throw new Problem(422, 'gateway.unknown', `There is no gateway ${JSON.stringify(idOrUri)}.`);
  }

  private parse({ content, fallback, replyTo, metadata, expiresAt }: DialogMessageBody): ParsedBody {
    const errors: FieldError[] = [];
    const read = (value: unknown, path: string): Content | undefined => {
      const parsed = parseContent(value, path);
      if ('content' in parsed) return parsed.content;
      errors.push(...parsed.errors);
      return undefined;
    };
    const main = read(content, 'content');
    const other = fallback === undefined ? undefined : read(fallback, 'fallback');
    if (metadata && Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES) {
      errors.push({
        path: 'metadata',
        code: 'too_large',
        message: `metadata is longer than ${MAX_METADATA_BYTES} bytes`,
      });
    }
    if (errors.length > 0 || !main) {
      throw new Problem(400, 'validation.failed', errors.map(({ message }) => message).join('; '), errors);
    }
    const expires = expiresAt === undefined ? undefined : new Date(expiresAt);
    if (expires && expires <= this.clock.now()) {
      throw new Problem(422, 'message.expired', `expiresAt (${expires.toISOString()}) is in the past.`);
    }
    return {
      content: main,
      ...(other && { fallback: other }),
      ...(replyTo !== undefined && { replyTo }),
      ...(metadata && { metadata }),
      ...(expires && { expiresAt: expires }),
    };
  }
}

type ParsedBody = Pick<Submission, 'content' | 'fallback' | 'replyTo' | 'metadata' | 'expiresAt'>;
