import { describe, expect, it } from '@jest/globals';
import type { SendCall } from '../../contract/index.js';
import { outcomes } from './outcomes.js';
import { send } from './send.js';
import { FakeTelegram, fileOf, OUR_FILE, TOKEN } from './testing.fixture.js';

const hello = { payload: { method: 'sendMessage', chat_id: 5, text: 'hi' } };
const sent = (fake: FakeTelegram, part: typeof hello | { payload: object } = hello, more: Partial<SendCall> = {}) =>
  send(part as typeof hello, 'pb1:att_1', { ...fake.call(), ...more });

describe('a message on the wire', () => {
  it('is one call with the token in its path', async () => {
    const fake = new FakeTelegram().says({ message_id: 70, chat: { id: 5 } });
    expect(await sent(fake)).toEqual({ status: 'accepted', providerId: '5:70' });
    expect(fake.requests[0]).toMatchObject({ method: 'POST', url: `http://telegram.test/bot${TOKEN}/sendMessage` });
    expect(fake.calls[0]?.params).toEqual({ chat_id: 5, text: 'hi' });
  });

  it('has the id of the first of several, of the chat it went to, or one of ours', async () => {
    expect(await sent(new FakeTelegram().says([{ message_id: 7, chat: { id: 5 } }, {}]))).toMatchObject({
      providerId: '5:7',
    });
    expect(await sent(new FakeTelegram().says({ message_id: 7 }))).toMatchObject({ providerId: '5:7' });
    expect(await sent(new FakeTelegram().says(true))).toMatchObject({ providerId: '5:pb1:att_1' });
  });

  it('takes its file along, in a form', async () => {
    const fake = new FakeTelegram().says({ message_id: 70, chat: { id: 5 } });
    const part = {
      payload: {
        method: 'sendPhoto',
        chat_id: 5,
        photo: `attach://${OUR_FILE}`,
        caption: 'A cat',
        reply_parameters: { message_id: 1 },
      },
    };
    expect(await sent(fake, part, { files: new Map([[OUR_FILE, fileOf('bytes')]]) })).toMatchObject({
      providerId: '5:70',
    });
    const [request] = fake.requests;
    const chunks: Uint8Array[] = [];
    for await (const chunk of request?.stream ?? []) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    expect(request?.headers?.['content-length']).toBe(String(body.length));
    const form = await new Response(body, { headers: { ...request?.headers } }).formData();
    expect([form.get('chat_id'), form.get('caption'), form.get('reply_parameters')]).toEqual([
      '5',
      'A cat',
      '{"message_id":1}',
    ]);
    const file = form.get('photo') as File;
    expect([file.name, file.type, await file.text()]).toEqual(['cat.png', 'image/png', 'bytes']);
  });

  it('names the file by the id that it got as the same kind, and tells which that is', async () => {
    const part = { payload: { method: 'sendPhoto', chat_id: 5, photo: `attach://${OUR_FILE}` } };
    const photo = [{ file_id: 'small' }, { file_id: 'large' }];
    const first = new FakeTelegram().says({ message_id: 1, chat: { id: 5 }, photo });
    const known = { document: 'D' };
    expect(await sent(first, part, { files: new Map([[OUR_FILE, fileOf('bytes', known)]]) })).toEqual({
      status: 'accepted',
      providerId: '5:1',
      files: [{ id: OUR_FILE, kind: 'photo', providerId: 'large' }],
    });
    const second = new FakeTelegram().says({ message_id: 2, chat: { id: 5 }, photo });
    const files = new Map([[OUR_FILE, fileOf('bytes', { ...known, photo: 'large' })]]);
    expect(await sent(second, part, { files })).toEqual({ status: 'accepted', providerId: '5:2' });
    expect(second.calls).toEqual([{ method: 'sendPhoto', params: { chat_id: 5, photo: 'large' } }]);
  });

  it('may say what looks like a file', async () => {
    const fake = new FakeTelegram().says({ message_id: 70, chat: { id: 5 } });
    const part = { payload: { method: 'sendMessage', chat_id: 5, text: `attach://${OUR_FILE}` } };
    expect(await sent(fake, part)).toMatchObject({ status: 'accepted' });
    expect(fake.calls[0]?.params['text']).toBe(`attach://${OUR_FILE}`);
  });

  it('is refused where its file is not at hand, and nothing leaves', async () => {
    const fake = new FakeTelegram();
    const part = { payload: { method: 'sendPhoto', chat_id: 5, photo: `attach://${OUR_FILE}` } };
    expect(await sent(fake, part)).toMatchObject({ status: 'refused' });
    expect(fake.requests).toEqual([]);
  });

  it('goes to the new id of a group at once', async () => {
    const fake = new FakeTelegram()
      .refuses(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1001 })
      .says({ message_id: 2, chat: { id: -1001 } });
    expect(await sent(fake)).toEqual({ status: 'accepted', providerId: '-1001:2' });
    expect(fake.calls.map(({ params }) => params['chat_id'])).toEqual([5, -1001]);
  });
});

describe('an answer', () => {
  it('that never came is in doubt, unless nothing left', async () => {
    expect(await sent(new FakeTelegram().fails(true))).toEqual({ status: 'unknown', reason: 'ECONNRESET' });
    expect(await sent(new FakeTelegram().fails(false))).toEqual({ status: 'unsent', reason: 'ECONNRESET' });
  });

  it.each([
    [502, 'unknown'],
    [200, 'unknown'],
    [404, 'refused'],
    [413, 'refused'],
    [302, 'refused'],
  ])('of somebody in between, HTTP %i, is %s', async (httpStatus, status) => {
    expect(await sent(new FakeTelegram().pages(httpStatus))).toMatchObject({ status });
  });

  it('names the time to wait; of a group, it is about the group', async () => {
    const parameters = { retry_after: 7 };
    const slow = () => new FakeTelegram().refuses(429, 'Too Many Requests: retry after 7', parameters);
    expect(await sent(slow())).toMatchObject({ status: 'refused', remote: { code: 429 }, afterMs: 7_000 });
    const group = { payload: { method: 'sendMessage', chat_id: -4, text: 'hi' } };
    expect(await sent(slow(), group)).toMatchObject({ remote: { code: '429.group' }, afterMs: 7_000 });
  });

  it('never repeats a secret', async () => {
    const fake = new FakeTelegram().refuses(400, `Bad Request: bot${TOKEN} and webhook-secret-0123456789`);
    const text = JSON.stringify(await sent(fake));
    expect(text).not.toContain(TOKEN.split(':')[1]);
    expect(text).not.toContain('webhook-secret');
  });
});

/** Code of a row → an answer of Telegram's that leads to it. */
const LEADS_TO: Readonly<Record<string, readonly [status: number, description: string, chat?: number]>> = {
  '401': [401, 'Unauthorized'],
  '404': [404, 'Not Found'],
  '409': [409, 'Conflict: terminated by other getUpdates request'],
  '420': [420, 'FLOOD_WAIT'],
  '429': [429, 'Too Many Requests: retry after 3'],
  '429.group': [429, 'Too Many Requests: retry after 3', -4],
  '500': [500, 'Internal Server Error'],
  '502': [502, 'Bad Gateway'],
  '503': [503, 'Service Unavailable'],
  '504': [504, 'Gateway Timeout'],
  '400.chat_not_found': [400, 'Bad Request: chat not found'],
  '400.chat_upgraded': [400, 'Bad Request: group chat was upgraded to a supergroup chat'],
  '400.voice_forbidden': [400, 'Bad Request: VOICE_MESSAGES_FORBIDDEN'],
  '400.no_rights': [400, 'Bad Request: not enough rights to send text messages to the chat'],
  '400.private_only': [400, 'Bad Request: phone number can be requested in private chats only'],
  '400.topic': [400, 'Bad Request: TOPIC_CLOSED'],
  '403.blocked': [403, 'Forbidden: bot was blocked by the user'],
  '403.deactivated': [403, 'Forbidden: user is deactivated'],
  '403.left_group': [403, 'Forbidden: bot was kicked from the supergroup chat'],
  '403.not_started': [403, "Forbidden: bot can't initiate conversation with a user"],
  '403': [403, "Forbidden: bot can't send messages to bots"],
  '400.text_too_long': [400, 'Bad Request: message is too long'],
  '400.caption_too_long': [400, 'Bad Request: message caption is too long'],
  '400.text_empty': [400, 'Bad Request: message text is empty'],
  '400.buttons': [400, 'Bad Request: BUTTON_URL_INVALID'],
  '400.reaction': [400, 'Bad Request: REACTION_INVALID'],
  '400.file_too_big': [400, 'Bad Request: file is too big'],
  '400.file': [400, 'Bad Request: wrong file identifier/HTTP URL specified'],
  'http.413': [413, ''],
  '413': [413, 'Request Entity Too Large'],
  '400': [400, 'Bad Request: something new'],
};

describe('the table of outcomes', () => {
  it.each(Object.entries(LEADS_TO))(
    '%s is reached by what Telegram says',
    async (code, [status, description, chat = 5]) => {
      const fake =
        description === '' ? new FakeTelegram().pages(status) : new FakeTelegram().refuses(status, description);
      const outcome = await sent(fake, { payload: { method: 'sendMessage', chat_id: chat, text: 'hi' } });
      expect(outcome.status === 'refused' && String(outcome.remote.code)).toBe(code);
      expect(outcomes.has(outcome.status === 'refused' ? outcome.remote.code : '')).toBe(true);
    },
  );

  it('has no row that nothing leads to', () => {
    expect([...outcomes.keys()].map(String).toSorted()).toEqual(Object.keys(LEADS_TO).toSorted());
  });

  it('holds for a dead token, loses who left, and fails what would be refused again', () => {
    expect(outcomes.get(401)).toMatchObject({ action: 'hold', scope: 'gateway' });
    expect([...outcomes].filter(([, { lost }]) => lost).map(([code]) => code)).toEqual([
      '403.blocked',
      '403.deactivated',
      '403.left_group',
    ]);
    for (const [code, row] of outcomes) {
      if (String(code).startsWith('400') && code !== '400.chat_upgraded') expect(row.action).toBe('fail');
      if (row.lost) expect(row).toMatchObject({ action: 'fail', scope: 'contact' });
    }
  });
});
