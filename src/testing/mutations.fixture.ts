import type {
  AccountsFacet,
  Channel,
  Content,
  GatewayType,
  InboundEvent,
  OutboundFacet,
  PresenceFacet,
} from '../contract/index.js';
import { NOW, parrot, parrotType, subject } from './parrot.fixture.js';
import type { ChannelSubject, ContractSubject } from './subject.js';

/** What is broken, the check that must see it, and words of what it says. */
export type Mutant = readonly [fault: string, check: string, words: RegExp, broken: ContractSubject];

const own = subject.channels['parrot'] as ChannelSubject;

export const withType = (more: Partial<GatewayType>): ContractSubject => ({
  ...subject,
  type: { ...parrotType, ...more },
});
export const withWebhook = (more: Partial<GatewayType['webhook']>): ContractSubject =>
  withType({ webhook: { ...parrotType.webhook, ...more } });
export const withChannel = (more: Partial<Channel>): ContractSubject =>
  withType({ channels: [{ ...parrot, ...more }] });
export const withCapabilities = (more: Partial<Channel['capabilities']>): ContractSubject =>
  withChannel({ capabilities: { ...parrot.capabilities, ...more } });
export const withOutbound = (more: Partial<OutboundFacet>): ContractSubject =>
  withChannel({ outbound: { ...parrot.outbound, ...more } });
export const withTyping = (typing: PresenceFacet['typing']): ContractSubject =>
  withOutbound({ presence: { ...parrot.outbound.presence, typing } });
export const withAccounts = (more: Partial<AccountsFacet>): ContractSubject =>
  withChannel({ accounts: { ...parrot.accounts, ...more } });
export const withOwn = (more: Partial<ChannelSubject>): ContractSubject => ({
  ...subject,
  channels: { parrot: { ...own, ...more } },
});
/** What the events of the sound channel become. */
export const withEvents = (change: (event: InboundEvent, at: Date) => InboundEvent | undefined): ContractSubject =>
  withChannel({
    parse: (update, context) =>
      parrot.parse(update, context).flatMap((event) => change(event, update.receivedAt ?? NOW) ?? []),
  });
export const withTexts = (change: (text: string) => string): ContractSubject =>
  withOutbound({
    render: (message, context) => {
      const { payload } = parrot.outbound.render(message, context);
      return {
        payload: JSON.parse(JSON.stringify(payload), (_, value: unknown) =>
          typeof value === 'string' ? change(value) : value,
        ),
      };
    },
  });

/** check, without what it says of some places. */
export function withoutProblems(type: Content['type'], path: RegExp): ContractSubject {
  return withOutbound({
    check: (content, context) =>
      parrot.outbound.check(content, context).filter((problem) => content.type !== type || !path.test(problem.path)),
  });
}
