import { PAGE_FIELDS } from '../page/index.js';
import { UNLISTED_FIELDS, WEBHOOK_FIELDS } from '../whatsapp/fields.js';

/** What an app is told of for one of its networks: the `object` of the webhook, and the fields that are wanted of it. */
export interface AppWebhook {
  readonly object: string;
  /** without what not every app is offered */
  readonly fields: readonly string[];
  readonly more: readonly string[];
  /** what goes astray when another system has the callback */
  readonly carries: string;
}

/** Meta: instagram-platform/webhooks; reading comes as `messaging_seen`, handovers as on pages. */
const INSTAGRAM_FIELDS = [
  'messages',
  'messaging_postbacks',
  'messaging_optins',
  'messaging_reactions',
  'messaging_referrals',
  'messaging_seen',
] as const;

export const APP_WEBHOOKS: ReadonlyMap<string, AppWebhook> = new Map<string, AppWebhook>([
  [
    'whatsapp',
    {
      object: 'whatsapp_business_account',
      fields: WEBHOOK_FIELDS,
      more: UNLISTED_FIELDS,
      carries: 'template and account events go there',
    },
  ],
  [
    'facebook',
    {
      object: 'page',
      fields: PAGE_FIELDS.filter((field) => field !== 'message_edits'),
      more: ['message_edits'],
      carries: 'what people write to pages goes there',
    },
  ],
  [
    'instagram',
    {
      object: 'instagram',
      fields: INSTAGRAM_FIELDS,
      more: ['messaging_handover', 'standby', 'message_edit'],
      carries: 'what people write on Instagram goes there',
    },
  ],
]);
