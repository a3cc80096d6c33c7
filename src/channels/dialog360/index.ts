import { CONTRACT_VERSION, deliveryPolicies, type GatewayType } from '../../contract/index.js';
import { whatsAppOver } from '../whatsapp/index.js';
import { accounts } from './accounts.js';
import { outcomes } from './outcomes.js';
import { settingKeys, warnings } from './settings.js';
import { templates } from './templates.js';
import { dialog360Transport } from './transport.js';
import { verifySettings } from './verify-settings.js';
import { MAX_BYTES, split, verify } from './webhook.js';

/** WhatsApp by way of 360dialog: the same channel over another transport, one number for each gateway. */
export const dialog360: GatewayType = {
  type: '360dialog',
  contract: CONTRACT_VERSION,
  settings: settingKeys,
  channels: [whatsAppOver({ transport: dialog360Transport, accounts, templates, outcomes })],
  webhook: {
    maxBytes: MAX_BYTES,
    /** 360dialog asks for no proof of ownership */
    handshake: () => undefined,
    verify,
    split,
  },
  warnings,
  policies: deliveryPolicies,
  verifySettings,
};
