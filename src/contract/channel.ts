import type { AccountHealth, ProfileFacet, RefreshFacet, RegistrationFacet } from './account-care.js';
import type { AccountCall, AccountContext, AccountIdentity, GatewayCall, GatewayContext, SendCall } from './calls.js';
import type { BillingFacet } from './billing.js';
import type { Capabilities } from './capabilities.js';
import type { Content } from './content.js';
import type { ChannelUpdate, InboundEvent } from './events.js';
import type { AccountLimits, NextTier, TierStanding } from './limits.js';
import type { JsonObject, JsonValue } from './json.js';
import type { MediaFacet } from './media.js';
import type { CallOutcome, OutcomeTable, RemoteError, SendOutcome } from './outcomes.js';
import type { TemplatesFacet } from './templates.js';

/**
 * What a customer chats on. A value, not a class: it keeps no state; everything it needs comes as an argument. `parse` and
 * `render` are pure and total; only `send`, `media` and `accounts` touch the network, through the client they are handed.
 */
export interface Channel {
  /** folder, prefix of the dialog variables, and query parameter of the callback commands where no other is declared */
  readonly channel: string;
  readonly capabilities: Capabilities;
  readonly outcomes: OutcomeTable;
  parse(update: ChannelUpdate, context: GatewayContext): readonly InboundEvent[];
  readonly outbound: OutboundFacet;
  readonly accounts: AccountsFacet;
  readonly dialog: DialogFacet;
  /** only where files go through our hands: fetched by an id of the network's, brought to it, or sent with their messages */
  readonly media?: MediaFacet;
  /** only where the network reviews templates and lists them */
  readonly templates?: TemplatesFacet;
  /** only where the network tells what a message costs */
  readonly billing?: BillingFacet;
}

/** To whom a message goes, at the network. */
export interface Recipient {
  /** digits, with country code */
  readonly phone?: string;
  readonly userId?: string;
}

export interface OutboundMessage {
  readonly to: Recipient;
  readonly content: Content;
  /** the network's id of the message that this one answers */
  readonly replyTo?: string;
  /** the window has closed, and the network lets it through because a human wrote it; see {@link Capabilities.window} */
  readonly late?: 'human';
}

/** One call on the wire. */
export interface OutboundPart {
  readonly payload: JsonObject;
}

/** Why a content cannot be sent, in the terms of the person who wrote it. */
export interface ContentProblem {
  /** e.g. `content.text` */
  readonly path: string;
  /** `content.too_long`, `content.unsupported`, `content.invalid`, … */
  readonly code: string;
  /** what was given, what is allowed */
  readonly message: string;
}

export interface OutboundFacet {
  /** every limit of the network that can be judged without asking it; empty = fine */
  check(content: Content, context: GatewayContext): readonly ContentProblem[];
  /** pure, never called with content that `check` refuses; no secrets in it */
  render(message: OutboundMessage, context: AccountContext): OutboundPart;
  /** the only effect; `attempt` travels along and comes back in receipts where the network can do that */
  send(part: OutboundPart, attempt: string, call: SendCall): Promise<SendOutcome>;
  /** only where a business can show that it has read, or is writing */
  readonly presence?: PresenceFacet;
}

/** A message that came in, and who wrote it, as a message to them would be addressed. */
export interface InboundMessageRef {
  readonly providerId: string;
  readonly from: Recipient;
}

/** What a person sees of us between two messages. */
export interface PresenceFacet {
  /**
   * how long after its arrival a message can still be marked, or be answered by typing, in milliseconds; absent: for as long as
   * its person can be written to
   */
  readonly markableMs?: number;
  /** those before the message are marked with it; absent where people are never shown what was read */
  markRead?(message: InboundMessageRef, call: AccountCall): Promise<CallOutcome>;
  /** for a short while, or until the next message; marks the message as read as well, where the network knows no other way */
  typing(message: InboundMessageRef, call: AccountCall): Promise<CallOutcome>;
}

/** An account as the network describes it. */
export interface AccountDescription {
  readonly address: string;
  readonly name: string;
  /** digits */
  readonly phone?: string;
  /** the network's own fields, kept as they are; no secrets among them */
  readonly details: JsonObject;
  /** a secret of its own that the network gave with it: kept encrypted, and used as {@link AccountsFacet.credential} says */
  readonly credential?: string;
}

/** What the network subscribes as one (a WhatsApp Business Account), with the accounts in it. */
export interface AccountGroup {
  readonly address: string;
  readonly name: string;
  /** what shares a messaging limit */
  readonly portfolio?: string;
  readonly details: JsonObject;
  readonly accounts: readonly AccountDescription[];
}

/** A stored group as the callback commands show it. */
export interface AccountGroupView extends Omit<AccountGroup, 'accounts'> {
  readonly subscribed: boolean;
  readonly accounts: readonly (AccountDescription & { readonly active: boolean })[];
  readonly warning?: string;
  readonly error?: RemoteError;
}

/** Life cycle per group, identity per account. */
export interface AccountsFacet {
  /** query parameter of the callback commands, where it is not the channel's name */
  readonly parameter?: string;
  /** every group that the gateway's token may act for, every page followed */
  discover(call: GatewayCall): Promise<CallOutcome<readonly AccountGroup[]>>;
  /**
   * makes the network send this group's events to us; safe to repeat; a warning names what was left as it is
   *
   * @param isShared other gateways of the same app use this group too: its events must reach them as well
   */
  subscribe(group: string, call: GatewayCall, isShared?: boolean): Promise<CallOutcome<{ readonly warning?: string }>>;
  unsubscribe(group: string, call: GatewayCall): Promise<CallOutcome>;
  /** the gateway leaves a group that others go on using: what leads this group's events to it alone is taken away */
  leave?(group: string, call: GatewayCall): Promise<CallOutcome>;
  /** true when a refusal means that the group no longer exists for us, so that forgetting it is right */
  isGone(remote: RemoteError): boolean;
  /** what the stored details of an account tell of its health; pure */
  health?(details: JsonObject): AccountHealth;
  /** what the stored details of an account tell of its limits; pure */
  limits?(details: JsonObject): AccountLimits;
  /** the way to the next level of the messaging limit; undefined at its end; pure */
  nextTier?(standing: TierStanding): NextTier | undefined;
  /**
   * The setting in whose place an account's own credential stands: facets that act for such an account get settings with it there.
   * Absent: accounts have no credentials of their own.
   */
  readonly credential?: string;
  /** what is done to a group is done with the credential of its first account that has one */
  readonly actsAsAccount?: true;
  readonly refresh?: RefreshFacet;
  readonly profile?: ProfileFacet;
  readonly registration?: RegistrationFacet;
  /** an address that opens a chat with the account, with that text begun; undefined where it has none; pure */
  link?(account: AccountIdentity, text?: string): string | undefined;
  /** the wire shape of the callback commands */
  present(groups: readonly AccountGroupView[]): JsonValue;
}

/** A dialog that was ended on this side. */
export interface DialogEnd {
  /** the same for the same end, however often it is told */
  readonly id: string;
  /** with whom it was */
  readonly to: Recipient;
  /** who ended it: an application or operator, the bot, silence, or a word of the person's */
  readonly reason: 'api' | 'bot' | 'idle' | 'customer';
  readonly at: Date;
}

/** Members that are absent are not shown. */
export interface PersonProfile {
  readonly name?: string;
  readonly username?: string;
}

export interface DialogFacet {
  /** names must start with the channel's own prefix */
  variablesFor(account: AccountIdentity): Readonly<Record<string, string>>;
  /**
   * Tells the network that a message with {@link MessageReceived.confirm} has come. Once, after the message is on record; what
   * becomes of it changes nothing here.
   */
  confirm?(what: JsonObject, call: AccountCall): Promise<CallOutcome>;
  /**
   * What the network shows of a person whom its messages name by an id alone. Asked once for each, in the background; a refusal
   * is an answer.
   */
  profile?(userId: string, call: AccountCall): Promise<CallOutcome<PersonProfile>>;
  /**
   * Only where the network has conversations that end, and wants to hear of it. After the replies that were on their way; told again until it is taken, or refused in a way that the outcome table does not retry. Ends that the network told
   * itself are not told back.
   */
  closed?(end: DialogEnd, call: AccountCall): Promise<CallOutcome>;
}
