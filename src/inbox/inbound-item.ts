import type { MessageReceived } from '../contract/index.js';
import type { Person } from '../dialog/person.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';

/** A message with its place among the accounts. */
export interface InboundItem {
  readonly event: MessageReceived;
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
  readonly receivedAt: Date;
  readonly person: Person;
}
