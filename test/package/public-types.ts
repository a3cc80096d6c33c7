/**
 * What the types of the package promise a host, read by the compiler alone: nothing here runs. A line under `@ts-expect-error`
 * must not compile; when one does, the promise is broken, and so is the build.
 */
import {
  type BotEvent,
  type BotReply,
  ChatBot,
  type ChatBotHandlers,
  type EventOf,
  type HostAccess,
  type MessageReceivedEvent,
  Patchbay,
  PatchbayEvents,
  PatchbayModule,
  type PatchbayOptions,
  RetryLaterError,
  houseGatewayTypes,
} from 'patchbay';
import {
  CONTRACT_VERSION,
  type Content,
  type GatewayCall,
  type GatewayType,
  type SendOutcome,
  type WebhookFacet,
} from 'patchbay/contract';
import { type Simulator, startSimulator } from 'patchbay/simulator';
import { type ContractCheck, contractChecks, type ContractSubject } from 'patchbay/testing';
import { apiClient, asText, verifyHmac } from 'patchbay/wire';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_Claim extends true>(): void => undefined;

// events are told apart by their type
holds<Same<EventOf<'*'>, BotEvent>>();
holds<Same<EventOf<'message.received'>['message']['content'], Content>>();
holds<Same<EventOf<'message.sent' | 'message.failed'>['type'], 'message.sent' | 'message.failed'>>();
export function textOfAny(event: BotEvent): string | undefined {
  // @ts-expect-error not every event has a message
  void event.message.text;
  return event.type === 'message.received' ? event.message.text : undefined;
}

// a bot
@ChatBot('acme', { timeoutSeconds: 30 })
export class Bot implements ChatBotHandlers {
  async onMessage(event: MessageReceivedEvent, { signal }: { signal: AbortSignal }): Promise<BotReply> {
    if (signal.aborted) throw new RetryLaterError(1_000);
    return { replies: [{ type: 'text', text: event.variables['user'] ?? '' }], variables: { a: 'b' }, close: true };
  }
}

@ChatBot(['acme', 'beta'])
export class Silent {
  onDialogClosed(): void {}
}

// @ts-expect-error it has no handler at all
@ChatBot('acme')
export class Deaf {
  onMessages(): void {}
}

// @ts-expect-error a reply is a content
@ChatBot('acme')
export class Wrong {
  onMessage() {
    return { replies: ['hello'] };
  }
}

// listeners
export function listen(events: PatchbayEvents): void {
  events.subscribe({ name: 'all', events: ['*'] }, (event) => void event.gateway.uri);
  events.subscribe({ name: 'failures', events: ['message.failed'] }, ({ message }) => void message.error?.code);
  // @ts-expect-error there is no such event
  events.subscribe({ name: 'none', events: ['message.lost'] }, () => undefined);
}

// options
const access: HostAccess = {
  identify: async ({ headers }) =>
    headers['x-user'] === undefined ? undefined : { id: 'u', permissions: ['messages:send'], gateways: [] },
};
const options: PatchbayOptions = {
  publicUrl: 'https://app.example.com',
  dataSource: { options: { type: 'postgres' } },
  schema: 'chat',
  queue: { redis: { host: 'redis' }, prefix: 'shop' },
  roles: ['api'],
  encryptionKey: ['one', 'two'],
  access,
  gatewayTypes: [...houseGatewayTypes({ graphVersion: 'v26.0' })],
  settings: { RETENTION_EVENTS_DAYS: '30' },
};
PatchbayModule.forRoot(options);
PatchbayModule.forRootAsync({ inject: ['URL'], useFactory: (dataSource: string) => ({ ...options, dataSource }) });
// @ts-expect-error what an option says, no setting says
PatchbayModule.forRoot({ ...options, settings: { DATABASE_URL: 'postgres://db' } });
// @ts-expect-error there is no database without being told
PatchbayModule.forRoot({ publicUrl: 'https://app.example.com' });
// @ts-expect-error there is no such role
PatchbayModule.forRoot({ ...options, roles: ['cook'] });

// sending
export async function send(patchbay: Patchbay): Promise<string> {
  const { id } = await patchbay.send({ gateway: 'acme', to: '+16505551234', content: { type: 'text', text: 'hi' } });
  // @ts-expect-error a message has a content
  await patchbay.send({ gateway: 'acme', to: '+16505551234' });
  return id;
}

// a channel
export const version: 1 = CONTRACT_VERSION;
export const types: readonly GatewayType[] = houseGatewayTypes();
export const verify: WebhookFacet['verify'] = ({ headers, body }, { settings }) =>
  verifyHmac({ body, header: headers['x-signature'], secrets: [settings['secret']], prefix: 'sha256=' });
export function post({ http, settings: { token } }: GatewayCall): Promise<SendOutcome> {
  const access = { base: 'https://pigeons.test', headers: {}, secrets: [token], readError: () => undefined };
  // @ts-expect-error a message that was taken has an id
  void apiClient(http, access).send({ path: 'letters' }, () => ({}));
  return apiClient(http, access).send({ method: 'POST', path: 'letters', json: {} }, (answer) => {
    const providerId = asText(answer);
    return providerId === undefined ? undefined : { providerId };
  });
}

// the simulator
export const simulator: Promise<Simulator> = startSimulator({ webhookUrl: 'http://127.0.0.1:3000/chat/acme' });

// checks of the contract kit are what any runner takes
export function runAll(subject: ContractSubject, it: (name: string, run: () => Promise<void>) => void): void {
  for (const { name, run } of contractChecks(subject)) it(name, run);
}
holds<Same<ReturnType<typeof contractChecks>, readonly ContractCheck[]>>();
