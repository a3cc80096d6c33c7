import type { AccountChanged, InboundEvent, JsonValue, TemplateChanged, UnhandledUpdate } from '../contract/index.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';
import type { StoredEvent } from './journal.repository.js';

/** One thing that a provider told, with where it came from and (where known) whose it is. */
export interface Item {
  readonly event: InboundEvent;
  readonly source: StoredEvent;
  readonly scope: string;
  readonly gateway: LoadedGateway | undefined;
  readonly account: LoadedAccount | undefined;
  readonly channel?: string;
}

/**
 * A stored body → its items, in order. Total: what cannot be read becomes an unhandled item. Each piece goes to the gateway
 * that has its account; among several, to the one where the account is active.
 */
export function normalize(source: StoredEvent, scope: string, gateways: readonly LoadedGateway[]): readonly Item[] {
  const [first] = gateways;
  const whole = (code: string, detail: string, raw: JsonValue): readonly Item[] => [
    { event: { type: 'unhandled', code, detail, path: '', raw }, source, scope, gateway: first, account: undefined },
  ];
  if (!first) return whole('gateway.unknown', 'The gateway was deleted before its events were processed.', null);
  let body: JsonValue;
  try {
    body = JSON.parse(source.body.toString('utf8')) as JsonValue;
  } catch (error) {
    return whole('body.malformed', error instanceof Error ? error.message : String(error), null);
  }
  return first.type.webhook.split(body).flatMap((update) => {
    if ('type' in update) return [locate(update, source, scope, gateways)];
    const owner = ownerOf(gateways, update.channel, update.account?.address);
    const gateway = owner?.gateway ?? first;
    const channel = gateway.channel(update.channel);
    const events: readonly InboundEvent[] = channel
      ? safely(
          () => channel.parse({ ...update, receivedAt: source.receivedAt }, gateway.context()),
          update.path,
          update.body,
        )
      : [
          {
            type: 'unhandled',
            code: 'channel.unknown',
            detail: `no channel ${update.channel}`,
            path: update.path,
            raw: update.body,
          },
        ];
    return events.flatMap((event) =>
      event.type === 'template' || event.type === 'account'
        ? locateNews(event, source, scope, gateways, update.channel)
        : [locate(event, source, scope, gateways, update.channel)],
    );
  });
}

type News = TemplateChanged | AccountChanged;

/** Each gateway knows its groups, with their accounts and templates, by itself, so all that have the group are told. */
function locateNews(
  event: News,
  source: StoredEvent,
  scope: string,
  gateways: readonly LoadedGateway[],
  channel: string,
): readonly Item[] {
  const having = gateways.filter(({ accounts }) =>
    accounts.some((account) => account.channel === channel && isToldOf(account, event)),
  );
  const base = { source, scope, account: undefined };
  if (having.length > 0) return having.map((gateway) => ({ gateway, channel, event, ...base }));
  const [named] = event.type === 'account' ? [event.address ?? event.phone] : [];
  const unknown: UnhandledUpdate = {
    type: 'unhandled',
    group: event.group,
    code: 'account.unknown',
    detail:
      `The account ${named === undefined ? event.group : `${named} of ${event.group}`} is not known here: ` +
      "run setup on the gateway's callback URI; what it is now is read then.",
    path: '',
    raw: event.raw,
  };
  return [{ gateway: gateways[0], event: unknown, ...base }];
}

/** Whether news of a group concerns this account of it. */
export function isToldOf(account: LoadedAccount, event: News): boolean {
  if (account.group !== event.group) return false;
  if (event.type === 'template') return true;
  const { address, phone } = event;
  if (address !== undefined) return account.address === address;
  return phone === undefined || account.phone === phone;
}

function locate(
  event: Exclude<InboundEvent, News>,
  source: StoredEvent,
  scope: string,
  gateways: readonly LoadedGateway[],
  channel?: string,
): Item {
  const owner = channel === undefined ? undefined : ownerOf(gateways, channel, event.account?.address);
  const gateway = owner?.gateway ?? engagedWith(gateways, event) ?? gateways[0];
  const base = { source, scope, gateway, account: owner?.account, ...(channel !== undefined && { channel }) };
  if (owner || event.type === 'unhandled' || event.type === 'unused') return { event, ...base };
  const unknown: UnhandledUpdate = {
    type: 'unhandled',
    account: event.account,
    code: 'account.unknown',
    detail: `The account ${event.account.address} is not known here: run setup on the gateway's callback URI, then replay this event.`,
    path: '',
    raw: JSON.parse(JSON.stringify(event)) as JsonValue,
  };
  return { event: unknown, ...base };
}

/** What concerns no single account (templates, the account as a whole) goes to the gateway that has the group. */
function engagedWith(
  gateways: readonly LoadedGateway[],
  event: Exclude<InboundEvent, News>,
): LoadedGateway | undefined {
  const isLoose = event.type === 'unhandled' || event.type === 'unused';
  const group = isLoose ? (event.group ?? event.account?.group) : event.account.group;
  return group === undefined
    ? undefined
    : gateways.find(({ accounts }) => accounts.some((account) => account.group === group));
}

function ownerOf(gateways: readonly LoadedGateway[], channel: string, address: string | undefined) {
  if (address === undefined) return undefined;
  const owners = gateways.flatMap((gateway) => {
    const account = gateway.account(channel, address);
    return account ? [{ gateway, account }] : [];
  });
  return owners.find(({ account }) => account.active) ?? owners[0];
}

/** Channels promise to be total; a broken promise must not cost the neighbours. */
function safely(parse: () => readonly InboundEvent[], path: string, raw: JsonValue): readonly InboundEvent[] {
  try {
    return parse();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ type: 'unhandled', code: 'item.broken', detail, path, raw }];
  }
}
