import type { WorldInput } from './world.types.js';

/** The ids of the world that is there when nothing is configured; the WABA and the number are those of Meta's examples. */
export const DEFAULT_WORLD = {
  appId: '1234567890',
  appSecret: 'simulator-app-secret',
  token: 'EAASimulatorToken',
  verifyToken: 'simulator-verify-token',
  businessId: '506914307656634',
  userId: '122094392132018351',
  wabaId: '102290129340398',
  phoneNumberId: '106540352242922',
  displayPhoneNumber: '+1 555-078-3881',
  name: 'Acme',
  /** Of the number, where it is reached by way of 360dialog. */
  dialog360Key: 'simulator-360dialog-key',
} as const;

/** Everything a gateway needs of WhatsApp; the last one opens the edges from a business to its WABAs. */
export const ALL_SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging', 'business_management'];

/** One app, one system user with one token, one business that owns one WABA with one number. */
export function defaultWorld(): WorldInput {
  return {
    apps: [{ id: DEFAULT_WORLD.appId, secret: DEFAULT_WORLD.appSecret, name: 'Acme Chat' }],
    businesses: [{ id: DEFAULT_WORLD.businessId, name: DEFAULT_WORLD.name }],
    users: [{ id: DEFAULT_WORLD.userId, name: 'Acme System User', businesses: [DEFAULT_WORLD.businessId] }],
    tokens: [{ token: DEFAULT_WORLD.token, appId: DEFAULT_WORLD.appId, userId: DEFAULT_WORLD.userId }],
    dialog360: [{ key: DEFAULT_WORLD.dialog360Key, phoneNumberId: DEFAULT_WORLD.phoneNumberId }],
    wabas: [
      {
        id: DEFAULT_WORLD.wabaId,
        name: DEFAULT_WORLD.name,
        phoneNumbers: [
          {
            id: DEFAULT_WORLD.phoneNumberId,
            display_phone_number: DEFAULT_WORLD.displayPhoneNumber,
            verified_name: DEFAULT_WORLD.name,
          },
        ],
      },
    ],
  };
}
