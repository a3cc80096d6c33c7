import type { Channel, GatewayContext, JsonObject } from '../../contract/index.js';
import { custom } from './index.js';

export const NOW = new Date('2026-11-26T12:00:00Z');
export const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`;
export const OTHER = `whsec_${Buffer.from('another secret, of as many bytes').toString('base64')}`;
export const URL_ = 'https://other.example/messages?v=1';

export const type = custom({ now: () => NOW });
export const channel = type.channels[0] as Channel;

export const contextOf = (settings: Record<string, string | undefined> = {}): GatewayContext => ({
  gateway: { id: 'gw', uri: 'shops/acme' },
  settings: { url: URL_, secret: SECRET, ...settings },
  callbackUrl: 'https://chat.example/chat/shops/acme',
  publicUrl: 'https://chat.example',
});
export const message = (more: JsonObject = {}): JsonObject => ({
  type: 'message',
  id: 'm1',
  from: { userId: 'ann', name: 'Ann' },
  at: '2026-11-26T11:59:58Z',
  content: { type: 'text', text: 'hi' },
  ...more,
});
