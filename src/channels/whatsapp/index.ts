import type { AccountIdentity, Channel } from '../../contract/index.js';
import { billing } from './billing.js';
import { capabilities } from './capabilities.js';
import { check } from './check.js';
import { discover } from './discover.js';
import { health } from './health.js';
import { limits } from './limits.js';
import { link } from './link.js';
import { mediaOver } from './media.js';
import { outcomes } from './outcomes.js';
import { nextTier } from './next-tier.js';
import { parse } from './parse.js';
import { presenceOver } from './presence.js';
import { present } from './present.js';
import { profile } from './profile.js';
import { refresh } from './refresh.js';
import { registration } from './registration.js';
import { render } from './render.js';
import { send } from './send.js';
import { isGone, leave, subscribe, unsubscribe } from './subscribe.js';
import { templates } from './templates.js';
import { graphTransport, type WhatsAppTransport } from './transport.js';

/** What differs with the way that leads to the Cloud API. */
export interface WhatsAppWay extends Pick<Channel, 'accounts'>, Partial<Pick<Channel, 'templates' | 'outcomes'>> {
  readonly transport: WhatsAppTransport;
}

/**
 * WhatsApp as the Cloud API speaks it, over any transport: payloads, limits and what they mean are the same for all. `outcomes`
 * of the way add to Meta's.
 */
export function whatsAppOver({ transport, accounts, templates: listed, outcomes: more }: WhatsAppWay): Channel {
  return {
    channel: 'whatsapp',
    capabilities,
    outcomes: new Map([...outcomes, ...(more ?? [])]),
    parse,
    outbound: {
      check,
      render,
      send: (part, attempt, call) => send(transport, part, attempt, call),
      presence: presenceOver(transport),
    },
    accounts,
    dialog: { variablesFor },
    media: mediaOver(transport),
    ...(listed && { templates: listed }),
    billing,
  };
}

/** WhatsApp at Meta itself. Groups are WhatsApp Business Accounts, accounts are phone numbers. */
export const whatsApp: Channel = whatsAppOver({
  transport: graphTransport,
  accounts: {
    discover,
    subscribe,
    unsubscribe,
    leave,
    isGone,
    health,
    limits,
    nextTier,
    credential: 'whatsapp_token',
    refresh,
    profile,
    registration,
    link,
    present,
  },
  templates,
});

function variablesFor(account: AccountIdentity): Readonly<Record<string, string>> {
  return {
    'whatsapp.business': account.group,
    'whatsapp.account': account.address,
    'whatsapp.number': account.phone ?? '',
  };
}

export { isFileHost } from './transport.js';
export { outcomes as metaOutcomes } from './outcomes.js';
export { health } from './health.js';
export { present } from './present.js';
export { judgement } from './templates.js';
export { limits } from './limits.js';
export { nextTier } from './next-tier.js';
export { phoneDigits } from './sender.js';
export { readTemplate } from './read-template.js';
export type { WhatsAppTransport };
