import type {
  AccountCall,
  AccountContext,
  AccountIdentity,
  Channel,
  GatewayCall,
  GatewayContext,
  GatewayType,
  JsonObject,
  ProviderHttp,
  Settings,
} from '../contract/index.js';
import { BOT_SUBSCRIBER, NETWORK_SUBSCRIBER } from '../platform/outbox/outbox.js';
import type { BotEventType } from './bot-event-types.js';
import type { GatewayStatus } from './gateway.repository.js';
import { channelOf } from './gateway-types.js';
import type { BotSettings } from './stored-bot.js';

/** An account as processes keep it in memory. */
export interface LoadedAccount {
  readonly id: string;
  readonly gatewayId: string;
  readonly groupId: string;
  /** the group's address */
  readonly group: string;
  readonly portfolio?: string;
  readonly channel: string;
  readonly address: string;
  readonly name: string;
  readonly phone?: string;
  readonly details: JsonObject;
  /** how new the details are, by the network's clock */
  readonly toldAt?: Date;
  readonly active: boolean;
  readonly enabled: boolean;
  /** of its own; absent: the gateway's */
  readonly bot?: BotSettings;
  readonly connectedSince?: Date;
  /** of its own, decrypted: never log it; absent: the gateway's. Empty where none of our keys reads it */
  readonly credential?: string;
  /** tells it from earlier ones without showing it */
  readonly credentialMark?: string;
  readonly credentialExpiresAt?: Date;
  readonly missing: boolean;
}

export interface LoadedGatewayFields {
  readonly id: string;
  readonly uri: string;
  readonly name: string;
  readonly type: GatewayType;
  readonly enabled: boolean;
  /** decrypted, defaults filled in: never log it */
  readonly settings: Settings;
  readonly bot?: BotSettings;
  readonly appKey?: string;
  readonly status: GatewayStatus;
  readonly statusReason?: string;
  /** when the network stops taking the credentials, where it says so */
  readonly credentialsExpireAt?: Date;
  readonly accounts: readonly LoadedAccount[];
}

/** Who hears of a gateway beside its bot, at this moment. */
export interface Subscriptions {
  of(gatewayId: string): readonly { readonly subscriber: string; readonly events: readonly string[] }[];
}

const NOBODY: readonly string[] = [];
const BOT_ALONE: readonly string[] = [BOT_SUBSCRIBER];

/** A gateway ready for use: what the directory hands out. Immutable; a change makes a new one. */
export class LoadedGateway {
  readonly callbackUrl: string;
  readonly sharedCallbackUrl: string | undefined;
  /** its bot, or that of one of its accounts, is a provider in a process: not every process can call it */
  readonly hasBotInProcess: boolean;
  private readonly byAddress: ReadonlyMap<string, LoadedAccount>;

  constructor(
    private readonly fields: LoadedGatewayFields,
    private readonly publicUrl: string,
    private readonly http: ProviderHttp & { readonly interactive: ProviderHttp },
    private readonly subscriptions: Subscriptions,
  ) {
    const { shared } = fields.type.webhook;
    this.callbackUrl = `${publicUrl}/chat/${fields.uri}`;
    this.sharedCallbackUrl = shared && fields.appKey ? `${publicUrl}/${shared.prefix}/${fields.appKey}` : undefined;
    this.hasBotInProcess = [fields, ...fields.accounts].some(({ bot }) => bot?.type === 'in-process');
    this.byAddress = new Map(fields.accounts.map((account) => [`${account.channel}|${account.address}`, account]));
  }

  get id(): string {
    return this.fields.id;
  }

  get uri(): string {
    return this.fields.uri;
  }

  get name(): string {
    return this.fields.name;
  }

  get type(): GatewayType {
    return this.fields.type;
  }

  get enabled(): boolean {
    return this.fields.enabled;
  }

  get settings(): Settings {
    return this.fields.settings;
  }

  get bot(): BotSettings | undefined {
    return this.fields.bot;
  }

  get appKey(): string | undefined {
    return this.fields.appKey;
  }

  get status(): GatewayStatus {
    return this.fields.status;
  }

  get statusReason(): string | undefined {
    return this.fields.statusReason;
  }

  get credentialsExpireAt(): Date | undefined {
    return this.fields.credentialsExpireAt;
  }

  get accounts(): readonly LoadedAccount[] {
    return this.fields.accounts;
  }

  channel(name: string): Channel | undefined {
    return channelOf(this.type, name);
  }

  account(channel: string, address: string): LoadedAccount | undefined {
    return this.byAddress.get(`${channel}|${address}`);
  }

  /** The bot that answers for an account: its own, else the gateway's. */
  botOf(account: LoadedAccount): BotSettings | undefined {
    return account.bot ?? this.bot;
  }

  /**
   * Who wants an event of this type: the bot, webhooks, the network. Asked for every message, so it costs nothing where there are none.
   *
   * @param account whose event it is; absent: the gateway's own
   */
  subscribersOf(type: BotEventType, account?: LoadedAccount): readonly string[] {
    const bot = account ? this.botOf(account) : this.bot;
    const first = bot && wants(bot.events, type) ? BOT_ALONE : NOBODY;
    const others = this.subscriptions.of(this.id);
    const isNetworks = type === 'dialog.closed' && account !== undefined && this.hearsOfEnds(account);
    if (others.length === 0 && !isNetworks) return first;
    const told = others.flatMap(({ subscriber, events }) => (wants(events, type) ? subscriber : []));
    return [...first, ...told, ...(isNetworks ? [NETWORK_SUBSCRIBER] : [])];
  }

  private hearsOfEnds({ channel }: LoadedAccount): boolean {
    const dialog = this.channel(channel)?.dialog;
    return dialog !== undefined && 'closed' in dialog;
  }

  context(): GatewayContext {
    return {
      gateway: { id: this.id, uri: this.uri },
      settings: this.settings,
      callbackUrl: this.callbackUrl,
      ...(this.sharedCallbackUrl !== undefined && { sharedCallbackUrl: this.sharedCallbackUrl }),
      publicUrl: this.publicUrl,
    };
  }

  call(): GatewayCall {
    return { http: this.http, ...this.context() };
  }

  /** For what a person waits for: it is tried although the network has just not been answering. */
  interactiveCall(): GatewayCall {
    return { http: this.http.interactive, ...this.context() };
  }

  accountContext(account: LoadedAccount): AccountContext {
    return { account: identityOf(account), ...this.context(), settings: this.settingsOf(account) };
  }

  accountCall(account: LoadedAccount): AccountCall {
    return { http: this.http, ...this.accountContext(account) };
  }

  /** For what is done to a group as a whole, while a person waits: as its account, where the channel says that it is done as that. */
  interactiveGroupCall(channel: string, group: string): GatewayCall {
    const call = this.interactiveCall();
    if (!this.channel(channel)?.accounts.actsAsAccount) return call;
    const own = this.accounts.find(
      (account) => account.channel === channel && account.group === group && account.credential !== undefined,
    );
    return own ? { ...call, settings: this.settingsOf(own) } : call;
  }

  /** Whether anybody needs the account's own credential: where setup gives each account one, those that nobody uses have one too. */
  needsOwnCredential({ channel, credential, active }: LoadedAccount): boolean {
    return credential !== undefined && (active || !this.channel(channel)?.accounts.actsAsAccount);
  }

  /** For what a person waits for. */
  interactiveAccountCall(account: LoadedAccount): AccountCall {
    return { http: this.http.interactive, ...this.accountContext(account) };
  }

  /** The gateway's, with the account's own credential in its place where it has one. */
  private settingsOf({ channel, credential }: LoadedAccount): Settings {
    const key = credential === undefined ? undefined : this.channel(channel)?.accounts.credential;
    return key === undefined ? this.settings : { ...this.settings, [key]: credential };
  }
}

function wants(events: readonly string[], type: BotEventType): boolean {
  return events.includes('*') || events.includes(type);
}

export function identityOf(account: LoadedAccount): AccountIdentity {
  const { address, group, name, phone } = account;
  return { address, group, name, ...(phone !== undefined && { phone }) };
}
