import type { AccountsFacet, Channel, DialogFacet } from '../../contract/index.js';
import { check } from './check.js';
import { mediaOf } from './media.js';
import type { PageNetwork } from './network.js';
import { outcomes } from './outcomes.js';
import { parse } from './parse.js';
import { presence } from './presence.js';
import { render } from './render.js';
import { send } from './send.js';

/** A network on which pages write: payloads, calls and what they mean are the same, limits and accounts are its own. */
export function pageChannel(network: PageNetwork, accounts: AccountsFacet, dialog: DialogFacet): Channel {
  return {
    channel: network.channel,
    capabilities: network.capabilities,
    outcomes,
    parse,
    outbound: {
      check: (content) => check(network, content),
      render: (message) => render(network, message),
      send: (part, attempt, call) => send(network, part, attempt, call),
      presence,
    },
    accounts,
    dialog,
    media: mediaOf(network),
  };
}
