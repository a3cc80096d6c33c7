import { Injectable } from '@nestjs/common';
import { mayAccessGateway, type Principal } from '../../access/principal.js';
import type { DialogRecord } from '../../dialog/dialog.repository.js';
import { assignmentAt } from '../../dialog/responder.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import { Clock } from '../../platform/clock/clock.js';
import { Problem } from '../../platform/problem/problem.js';
import { type Target, mayReach, parseTarget } from '../../dialog/target.js';
import { type Sender, chooseAccount, requireSendable, senderOf } from './choose-account.js';
import type { DialogMessageBody, MessageBody } from './message.dto.js';
import { type Wording, parseWording } from './parse-wording.js';
import { type Recipient, RecipientResolver } from './recipient-resolver.service.js';
import { type Refusable, isRefused, orProblem } from './refusable.js';
import type { Entry, Submission } from './submission.js';

/** A request whose words make sense, before anybody was asked who its recipient is. */
export interface Asked {
  readonly gateway: LoadedGateway;
  readonly target: Target;
  /** of any target but a dialog, which has a sender of its own */
  readonly sender?: Sender;
  readonly named: { readonly channel?: string; readonly account?: string };
  readonly wording: Wording;
  readonly isBulk: boolean;
  /** roughly, as the caller wrote it */
  readonly bytes: number;
}

export type SizedEntry = Entry & Pick<Asked, 'bytes'>;

/** From a caller's words to what can be judged: gateway, sender, recipient. */
@Injectable()
export class EntryReader {
  constructor(
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly resolver: RecipientResolver,
  ) {}

  /** @throws Problem 400 and 422; 409 when the gateway or the account may not send now */
  read(principal: Principal, body: MessageBody, isBulk = false): Asked {
    const wording = parseWording(body, this.clock.now());
    const gateway = this.gateway(principal, body.gateway);
    const target = parseTarget(body.to);
    const { channel, account } = body;
    const named = { ...(channel !== undefined && { channel }), ...(account !== undefined && { account }) };
    const asked: Asked = { gateway, target, named, wording, isBulk, bytes: JSON.stringify(body).length };
    if (target.kind === 'dialog') return asked;
    const sender = chooseAccount(gateway, named, target);
    requireSendable(gateway, sender.account);
    requireAddressable(sender, target);
    return { sender, ...asked };
  }

  /** The same for a body that is written in a dialog: by the operator, where one has it. */
  readInDialog(principal: Principal, dialog: DialogRecord, body: DialogMessageBody): SizedEntry {
    const wording = parseWording(body, this.clock.now());
    const gateway = this.gateway(principal, dialog.gatewayId);
    const bytes = JSON.stringify(body).length;
    const entry = this.toDialog({ gateway, wording, isBulk: false, bytes, named: {} }, dialog);
    const operator = assignmentAt(dialog.bot, this.clock.now())?.to;
    return operator === undefined || dialog.closedAt
      ? entry
      : { ...entry, submission: { ...entry.submission, origin: 'human', operator } };
  }

  /** Finds the recipients, in a few statements for any number of them. */
  async address(asked: readonly Asked[]): Promise<readonly Refusable<SizedEntry>[]> {
    const dialogs = await this.resolver.dialogsOf(
      asked.flatMap(({ target }) => (target.kind === 'dialog' ? [target.dialogId] : [])),
    );
    const wanted = asked.flatMap(({ target, sender }) =>
      target.kind !== 'dialog' && sender ? [{ target, account: sender.account }] : [],
    );
    const recipients = (await this.resolver.resolveAll(wanted)).values();
    return asked.map((one) => {
      const { gateway, target, sender } = one;
      if (target.kind === 'dialog' || !sender) {
        const dialogId = target.kind === 'dialog' ? target.dialogId : '';
        return orProblem(() => this.toDialog(one, dialogOf(gateway, dialogs.get(dialogId), dialogId)));
      }
      const recipient = recipients.next().value;
      if (!recipient) throw new Error('a recipient was not judged');
      return isRefused(recipient) ? recipient : entryOf(one, sender, recipient);
    });
  }

  private toDialog(asked: Omit<Asked, 'target'>, dialog: DialogRecord): SizedEntry {
    const { gateway, named } = asked;
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
    return entryOf(asked, senderOf(gateway, account), this.resolver.ofDialog(dialog, account));
  }

  /** A gateway in a body that the caller may not use does not exist for them. */
  private gateway(principal: Principal, idOrUri: string): LoadedGateway {
    const gateway = this.directory.byIdOrUri(idOrUri);
    if (gateway && mayAccessGateway(principal, gateway.id)) return gateway;
    throw new Problem(422, 'gateway.unknown', `There is no gateway ${JSON.stringify(idOrUri)}.`);
  }
}

function entryOf(
  { gateway, wording, isBulk, bytes }: Omit<Asked, 'target'>,
  sender: Sender,
  recipient: Recipient,
): SizedEntry {
  const submission: Submission = { gateway, sender, origin: 'api', isBulk, ...wording };
  return { submission, recipient, bytes };
}

function dialogOf(gateway: LoadedGateway, dialog: DialogRecord | undefined, id: string): DialogRecord {
  if (!dialog) throw new Problem(422, 'dialog.unknown', `There is no dialog ${id}.`);
  if (dialog.gatewayId === gateway.id) return dialog;
  throw new Problem(422, 'dialog.unknown', `There is no dialog ${dialog.id} on this gateway.`);
}

/** @throws Problem 422 `recipient.user_id_required` */
function requireAddressable({ channel }: Sender, target: Target): void {
  if (mayReach(channel, target)) return;
  const message = `${channel.channel} knows people by its own ids and not by phone numbers: give {"userId": "…"}, {"contact": "…"} or {"dialog": "…"}.`;
  throw new Problem(422, 'recipient.user_id_required', message, [
    { path: 'to', code: 'recipient.user_id_required', message },
  ]);
}
