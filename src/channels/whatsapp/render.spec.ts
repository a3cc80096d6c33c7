import { describe, expect, it } from '@jest/globals';
import type { Content, JsonObject } from '../../contract/index.js';
import { render } from './render.js';

const to = { phone: '16505551234' };
const ENVELOPE = { messaging_product: 'whatsapp', recipient_type: 'individual', to: '+16505551234' };
const rendered = (content: Content): JsonObject => render({ to, content }).payload;

describe('the envelope', () => {
  it.each([
    [{ phone: '16505551234' }, { to: '+16505551234' }],
    [{ phone: '+16505551234' }, { to: '+16505551234' }],
    [{ userId: 'US.1349' }, { recipient: 'US.1349' }],
    [{ phone: '1650', userId: 'US.1349' }, { to: '+1650' }],
  ])('addresses %j', (recipient, address) => {
    const { payload } = render({ to: recipient, content: { type: 'text', text: 'hi' } });
    const { to: _, ...rest } = ENVELOPE;
    expect(payload).toEqual({ ...rest, ...address, type: 'text', text: { body: 'hi' } });
  });

  it('quotes the message that is answered, but not in a reaction', () => {
    const answer = render({ to, content: { type: 'text', text: 'hi' }, replyTo: 'wamid.1' });
    expect(answer.payload['context']).toEqual({ message_id: 'wamid.1' });
    const reaction = render({
      to,
      content: { type: 'reaction', messageId: 'wamid.1', emoji: '👍' },
      replyTo: 'wamid.1',
    });
    expect(reaction.payload).not.toHaveProperty('context');
  });

  it('stays ours around a native body', () => {
    const payload = { type: 'text', text: { body: 'x' }, to: '+1999', messaging_product: 'sms' };
    expect(rendered({ type: 'native', channel: 'whatsapp', payload })).toEqual({ ...payload, ...ENVELOPE });
  });
});
