import { CONTRACT_VERSION, deliveryPolicies, type GatewayType } from '../../contract/index.js';
import { facebook } from '../facebook/index.js';
import { instagram } from '../instagram/index.js';
import { whatsApp } from '../whatsapp/index.js';
import { doctor } from './doctor/index.js';
import { onboarding } from './onboarding.js';
import { register } from './register.js';
import { settingKeys, warnings, type MessengerOptions } from './settings.js';
import { split } from './split.js';
import { verifySettings } from './verify-settings.js';
import { handshake, MAX_BYTES, verify } from './webhook.js';

/** Meta's networks behind one app: one token, one callback, one signature. */
export function messenger(options: MessengerOptions): GatewayType {
  return {
    type: 'messenger',
    contract: CONTRACT_VERSION,
    settings: settingKeys(options),
    channels: [whatsApp, facebook, instagram],
    webhook: {
      maxBytes: MAX_BYTES,
      handshake,
      verify,
      split,
      shared: { prefix: 'meta', key: (settings) => settings['client_id'] || undefined, register },
    },
    warnings,
    policies: deliveryPolicies,
    verifySettings,
    doctor,
    onboarding,
  };
}

export type { MessengerOptions };
