import { describe, expect, it } from '@jest/globals';
import { presence } from './presence.js';
import { FakeTelegram, TOKEN } from './testing.fixture.js';

const typing = (fake: FakeTelegram, userId = '5000000001') =>
  presence.typing({ providerId: `${userId}:7`, from: { userId } }, fake.call());

describe('presence', () => {
  it.each([
    ['a person', '5000000001', 5000000001],
    ['a group', '-1001234567890', -1001234567890],
    ['a public group', '@lunch', '@lunch'],
  ])('is typing in the chat of %s', async (_, userId, chatId) => {
    const fake = new FakeTelegram().says(true);
    expect(await typing(fake, userId)).toEqual({ status: 'ok', value: undefined });
    expect(fake.calls).toEqual([{ method: 'sendChatAction', params: { chat_id: chatId, action: 'typing' } }]);
  });

  it('has no mark of reading, and no end', () => {
    expect(Object.keys(presence)).toEqual(['typing']);
  });

  it('says what Telegram refuses, and what passes', async () => {
    const blocked = new FakeTelegram().refuses(403, 'Forbidden: bot was blocked by the user');
    expect(await typing(blocked)).toMatchObject({ status: 'refused', remote: { code: '403.blocked' } });
    const busy = new FakeTelegram().refuses(429, 'Too Many Requests: retry after 3', { retry_after: 3 });
    expect(await typing(busy)).toMatchObject({ status: 'unreachable', reason: expect.stringContaining('429') });
    const away = new FakeTelegram().fails(false, `connect ECONNREFUSED /bot${TOKEN}/sendChatAction`);
    expect(await typing(away)).toEqual({
      status: 'unreachable',
      reason: expect.not.stringContaining(TOKEN.split(':')[1] ?? ''),
    });
  });
});
