import type { EchoReceived, MessageReceived } from '../contract/index.js';
import type { Person } from '../dialog/person.js';
import type { LoadedAccount, LoadedGateway } from '../gateway/loaded-gateway.js';

/** A message with its place among the accounts; `person` is the other side. */
export interface ItemOf<E extends MessageReceived | EchoReceived> {
  readonly event: E;
  readonly gateway: LoadedGateway;
  readonly account: LoadedAccount;
  readonly receivedAt: Date;
  readonly person: Person;
}

export type InboundItem = ItemOf<MessageReceived>;
export type EchoItem = ItemOf<EchoReceived>;
