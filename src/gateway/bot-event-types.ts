/** Every event that a bot can be told. */
export const BOT_EVENT_TYPES = [
  'message.received',
  'message.accepted',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'message.held',
  'message.expired',
  'message.undelivered',
  'dialog.opened',
  'dialog.closed',
  'account.updated',
  'gateway.updated',
  'template.updated',
] as const;

export type BotEventType = (typeof BOT_EVENT_TYPES)[number];

export const DEFAULT_BOT_EVENTS: readonly BotEventType[] = ['message.received', 'message.failed', 'dialog.closed'];
