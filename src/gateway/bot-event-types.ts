import type { BotEventType } from '../contract/index.js';

export { BOT_EVENT_TYPES, type BotEventType } from '../contract/index.js';

export const DEFAULT_BOT_EVENTS: readonly BotEventType[] = ['message.received', 'message.failed', 'dialog.closed'];
