import type { AccountIdentity, Channel } from '../../contract/index.js';
import { billing } from './billing.js';
import { capabilities } from './capabilities.js';
import { check } from './check.js';
import { discover } from './discover.js';
import { limits } from './limits.js';
import { media } from './media.js';
import { outcomes } from './outcomes.js';
import { nextTier } from './next-tier.js';
import { parse } from './parse.js';
import { health, present } from './present.js';
import { render } from './render.js';
import { send } from './send.js';
import { isGone, leave, subscribe, unsubscribe } from './subscribe.js';
import { templates } from './templates.js';

/** WhatsApp as Meta's Cloud API speaks it. Groups are WhatsApp Business Accounts, accounts are phone numbers. */
export const whatsApp: Channel = {
  channel: 'whatsapp',
  capabilities,
  outcomes,
  parse,
  outbound: { check, render, send },
  accounts: { discover, subscribe, unsubscribe, leave, isGone, health, limits, nextTier, present },
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
