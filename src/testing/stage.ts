import type {
  AccountCall,
  AccountContext,
  Channel,
  ChannelUpdate,
  GatewayCall,
  GatewayContext,
  InboundEvent,
  JsonValue,
  ProviderHttp,
  Settings,
} from '../contract/index.js';
import { ensure, shown } from './breach.js';
import { attempt, frozen } from './pure.js';
import type { ChannelSubject, ContractSubject } from './subject.js';

/** What checks of the gateway type get. */
export interface GatewayStage {
  readonly subject: ContractSubject;
  readonly context: GatewayContext;
  /** clear values that must not be seen anywhere */
  readonly secrets: readonly string[];
  call(http: ProviderHttp): GatewayCall;
}

/** What checks of one of its channels get. */
export interface ChannelStage extends GatewayStage {
  readonly channel: Channel;
  readonly own: ChannelSubject;
  readonly accountContext: AccountContext;
  accountCall(http: ProviderHttp): AccountCall;
}

/** What no channel needs to know better. */
export const RECEIVED_AT = new Date('2026-11-26T12:00:00.000Z');

export function gatewayStage(subject: ContractSubject): GatewayStage {
  const context = contextOf(subject.settings);
  const names = new Set(subject.type.settings.filter(({ secret }) => secret).map(({ name }) => name));
  const secrets = Object.entries(subject.settings).flatMap(([name, value]) => (names.has(name) ? [value] : []));
  return { subject, context, secrets, call: (http) => ({ ...context, http }) };
}

export function channelStage(subject: ContractSubject, channel: Channel): ChannelStage {
  const stage = gatewayStage(subject);
  const own = subject.channels[channel.channel];
  ensure(
    own,
    () => `the subject says nothing of the channel ${channel.channel}; it has ${shown(Object.keys(subject.channels))}`,
  );
  const account = frozen(own.account);
  const { credential: place } = channel.accounts;
  const hasOwn = place !== undefined && own.credential !== undefined;
  const context = hasOwn ? contextOf({ ...subject.settings, [place]: own.credential }) : stage.context;
  return {
    ...stage,
    secrets: hasOwn ? [...stage.secrets, own.credential] : stage.secrets,
    channel,
    own,
    accountContext: { ...context, account },
    accountCall: (http) => ({ ...context, account, http }),
  };
}

export function contextOf(settings: Settings): GatewayContext {
  return Object.freeze({
    gateway: Object.freeze({ id: '01890a5d-ac96-774b-bcce-b302099a8057', uri: 'kit/gateway' }),
    settings: Object.freeze({ ...settings }),
    callbackUrl: 'https://patchbay.test/chat/kit/gateway',
    publicUrl: 'https://patchbay.test',
  });
}

/** What the channel reads of a body, as the core lets it: cut into pieces, each read for itself. */
export function eventsOf(
  { subject, channel, context }: ChannelStage,
  body: JsonValue,
  receivedAt = RECEIVED_AT,
): readonly InboundEvent[] {
  const pieces = attempt(`split(${shown(body)})`, () => subject.type.webhook.split(frozen(body)));
  ensure(Array.isArray(pieces), () => `split(${shown(body)}) answered ${shown(pieces)}, which is no list`);
  return pieces.flatMap((piece): readonly InboundEvent[] => {
    if (!('channel' in piece)) return [piece];
    return piece.channel === channel.channel ? parsed(channel, context, { ...piece, receivedAt }) : [];
  });
}

function parsed(channel: Channel, context: GatewayContext, piece: ChannelUpdate): readonly InboundEvent[] {
  const events = attempt(`parse(${shown(piece.body)})`, () => channel.parse(frozen(piece), context));
  ensure(Array.isArray(events), () => `parse(${shown(piece.body)}) answered ${shown(events)}, which is no list`);
  return events;
}
