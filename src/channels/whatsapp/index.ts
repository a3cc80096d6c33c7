import type { AccountIdentity, Channel } from '../../contract/index.js';
import { billing } from './billing.js';
import { capabilities } from './capabilities.js';
import { check } from './check.js';
import { discover } from './discover.js';
import { health } from './health.js';
import { limits } from './limits.js';
import { link } from './link.js';
import { media } from './media.js';
import { outcomes } from './outcomes.js';
import { nextTier } from './next-tier.js';
import { parse } from './parse.js';
import { presence } from './presence.js';
import { present } from './present.js';
import { profile } from './profile.js';
import { refresh } from './refresh.js';
import { registration } from './registration.js';
import { render } from './render.js';
import { send } from './send.js';
import { isGone, subscribe, unsubscribe } from './subscribe.js';
import { templates } from './templates.js';

/** WhatsApp as Meta's Cloud API speaks it. Groups are WhatsApp Business Accounts, accounts are phone numbers. */
export const whatsApp: Channel = {
  channel: 'whatsapp',
  capabilities,
  outcomes,
  parse,
  outbound: { check, render, send, presence },
  accounts: {
    discover,
    subscribe,
    unsubscribe,
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
  dialog: { variablesFor },
  media,
  templates,
  billing,
};

function variablesFor(account: AccountIdentity): Readonly<Record<string, string>> {
  return {
    'whatsapp.business': account.group,
    'whatsapp.account': account.address,
    'whatsapp.number': account.phone ?? '',
  };
}
