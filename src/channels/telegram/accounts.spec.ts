import { describe, expect, it } from '@jest/globals';
import type { GatewayContext, MediaCall, WebhookRequest } from '../../contract/index.js';
import { accounts } from './accounts.js';
import { telegram } from './index.js';
import { media } from './media.js';
import { FakeTelegram, TOKEN } from './testing.fixture.js';

const BOT = '7012345678';
const OURS = 'https://patchbay.test/chat/acme';
const me = { id: 7012345678, is_bot: true, first_name: 'Acme', username: 'acme_bot' };

describe('setup', () => {
  it('finds the one bot of the token', async () => {
    expect(await accounts.discover(new FakeTelegram().says(me).call())).toEqual({
      status: 'ok',
      value: [{ address: BOT, name: 'Acme', details: {}, accounts: [{ address: BOT, name: 'Acme', details: me }] }],
    });
  });

  it.each([
    ['refuses a dead token', new FakeTelegram().refuses(401, 'Unauthorized'), 'refused'],
    [
      'is told nothing for now',
      new FakeTelegram().refuses(429, 'Too Many Requests', { retry_after: 1 }),
      'unreachable',
    ],
    ['is told nothing by a broken server', new FakeTelegram().pages(502), 'unreachable'],
    ['is told nonsense', new FakeTelegram().says({}), 'unreachable'],
  ])('%s', async (_, fake, status) => {
    expect(await accounts.discover(fake.call())).toMatchObject({ status });
  });

  it('says so when the settings are saved', async () => {
    expect(await telegram.verifySettings(new FakeTelegram().says(me).call())).toEqual({ status: 'ok' });
    expect(await telegram.verifySettings(new FakeTelegram().refuses(401, 'Unauthorized').call())).toEqual({
      status: 'refused',
      code: 'telegram.token.invalid',
      detail: 'Telegram does not accept the token: Unauthorized',
      key: 'token',
    });
  });
});

describe('subscribe', () => {
  it('sets the webhook with its secret and what is wanted', async () => {
    const fake = new FakeTelegram().says({ url: '' }).says(true);
    expect(await accounts.subscribe(BOT, fake.call())).toEqual({ status: 'ok', value: {} });
    expect(fake.calls[1]).toEqual({
      method: 'setWebhook',
      params: {
        url: OURS,
        secret_token: 'webhook-secret-0123456789',
        allowed_updates: ['message', 'edited_message', 'callback_query', 'message_reaction', 'my_chat_member'],
      },
    });
  });

  it('names whose webhook it replaced, and not its path, which may be a secret', async () => {
    const fake = new FakeTelegram().says({ url: 'https://other.test/s3cret' }).says(true);
    const outcome = await accounts.subscribe(BOT, fake.call());
    expect(outcome).toMatchObject({ value: { warning: expect.stringContaining('https://other.test until now') } });
    expect(JSON.stringify(outcome)).not.toContain('s3cret');
  });

  it('passes on why Telegram does not want it', async () => {
    const words = 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook';
    const fake = new FakeTelegram().says({ url: '' }).refuses(400, words);
    expect(await accounts.subscribe(BOT, fake.call())).toMatchObject({ status: 'refused', remote: { message: words } });
  });

  it('does nothing for a bot that the token does not belong to', async () => {
    const fake = new FakeTelegram();
    const outcome = await accounts.subscribe('1', fake.call());
    expect(outcome).toMatchObject({ status: 'refused', remote: { code: 'account.other_bot' } });
    expect(outcome.status === 'refused' && accounts.isGone(outcome.remote)).toBe(true);
    expect(fake.requests).toEqual([]);
  });
});

describe('unsubscribe', () => {
  it('removes our webhook, also where nobody says whose it is', async () => {
    const fake = new FakeTelegram().says({ url: OURS }).says(true);
    expect(await accounts.unsubscribe(BOT, fake.call())).toMatchObject({ status: 'ok' });
    const blind = new FakeTelegram().refuses(404, 'Not Found: method not found').says(true);
    expect(await accounts.unsubscribe(BOT, blind.call())).toMatchObject({ status: 'ok' });
    expect([...fake.calls, ...blind.calls].filter(({ method }) => method === 'deleteWebhook')).toHaveLength(2);
  });

  it('leaves another’s alone', async () => {
    const fake = new FakeTelegram().says({ url: 'https://other.test' });
    expect(await accounts.unsubscribe(BOT, fake.call())).toMatchObject({ status: 'ok' });
    expect(fake.calls.map(({ method }) => method)).toEqual(['getWebhookInfo']);
  });

  it('knows what is gone', () => {
    const gone = [401, 404, 400, 500].map((code) => accounts.isGone({ code, message: '' }));
    expect(gone).toEqual([true, true, false, false]);
  });
});

describe('a webhook', () => {
  const context = { settings: { webhook_secret: 'knock' } } as unknown as GatewayContext;
  const verify = (headers: WebhookRequest['headers'], given = context) =>
    telegram.webhook.verify({ method: 'POST', query: new URLSearchParams(), headers, body: Buffer.alloc(0) }, given);
  const HEADER = 'x-telegram-bot-api-secret-token';

  it.each([
    [{ [HEADER]: 'knock' }, { ok: true }],
    [{ [HEADER]: 'knock ' }, { ok: false, why: 'forged' }],
    [{ [HEADER]: 'kno' }, { ok: false, why: 'forged' }],
    [{ [HEADER]: '' }, { ok: false, why: 'unsigned' }],
    [{}, { ok: false, why: 'unsigned' }],
    [{ [HEADER]: ['knock', 'knock'] }, { ok: false, why: 'unsigned' }],
  ])('with %j', (headers, verdict) => {
    expect(verify(headers)).toEqual(verdict);
  });

  it('is not taken where there is no secret', () => {
    expect(verify({ [HEADER]: '' }, { settings: {} } as unknown as GatewayContext)).toEqual({
      ok: false,
      why: 'not-configured',
    });
  });
});

describe('settings', () => {
  const check = (name: string, value: string) => telegram.settings.find((key) => key.name === name)?.check?.(value);

  it.each([
    ['token', TOKEN, true],
    ['token', '7012345678', false],
    ['token', 'x:y', false],
    ['token', `${TOKEN}/../x`, false],
    ['api_url', 'http://127.0.0.1:8081', true],
    ['api_url', 'https://user:pass@x.test', false],
    ['api_url', 'x.test', false],
    ['webhook_secret', 'a'.repeat(256), true],
    ['webhook_secret', 'a'.repeat(257), false],
    ['webhook_secret', 'a b', false],
    ['pace', '0.5', true],
    ['pace', '0', false],
  ])('%s=%s is taken: %s', (name, value, isTaken) => {
    expect(check(name, value) === undefined).toBe(isTaken);
  });

  it('say how delivery behaves', () => {
    expect(telegram.policies({})).toEqual({
      windowUnknown: 'try',
      inDoubt: 'fail',
      settleMs: 1_000,
      pairPace: 'lenient',
    });
    expect(telegram.policies({ pace: '5', pair_pace: 'strict', in_doubt: 'resend' })).toMatchObject({
      pace: 5,
      pairPace: 'strict',
      inDoubt: 'resend',
    });
  });
});

describe('a file of a person', () => {
  const at = (fake: FakeTelegram, answer: { httpStatus: number; text?: string; type?: string }) => {
    const urls: string[] = [];
    const call: MediaCall = {
      ...fake.call(),
      download: async ({ url }, sink) => {
        urls.push(url);
        if (answer.httpStatus === 200) await sink(Buffer.from('bytes'));
        const headers = { 'content-type': answer.type ?? 'application/octet-stream' };
        return { status: 'answered', httpStatus: answer.httpStatus, headers, text: answer.text ?? '' };
      },
    };
    const got: string[] = [];
    const take = (chunk: Uint8Array) => got.push(Buffer.from(chunk).toString()) > 0;
    return { urls, got, outcome: media.fetch({ id: 'F' }, take, call) };
  };

  it('is asked for by its id, and fetched where Telegram says', async () => {
    const { outcome, urls, got } = at(new FakeTelegram().says({ file_path: 'photos/file 1.jpg' }), { httpStatus: 200 });
    expect(await outcome).toEqual({ status: 'ok', value: {} });
    expect(urls).toEqual([`http://telegram.test/file/bot${TOKEN}/photos/file%201.jpg`]);
    expect(got).toEqual(['bytes']);
  });

  it.each(['../../getMe', '/etc/passwd', 'a/../b', 'photos//x', 'a?b', 'http://x.test/a', ''])(
    'is not fetched from %j',
    async (path) => {
      const { outcome, urls } = at(new FakeTelegram().says({ file_path: path }), { httpStatus: 200 });
      expect(await outcome).toMatchObject({ status: 'refused' });
      expect(urls).toEqual([]);
    },
  );

  it('may be too big, or gone', async () => {
    const big = await at(new FakeTelegram().refuses(400, 'Bad Request: file is too big'), { httpStatus: 200 }).outcome;
    expect(big.status === 'refused' && media.isGone(big.remote)).toBe(true);
    const found = () => new FakeTelegram().says({ file_path: 'a' });
    const text = '{"ok":false,"error_code":404,"description":"Not Found"}';
    const gone = await at(found(), { httpStatus: 404, text }).outcome;
    expect(gone.status === 'refused' && media.isGone(gone.remote)).toBe(true);
    expect(await at(found(), { httpStatus: 502 }).outcome).toMatchObject({ status: 'unreachable' });
  });
});

describe('a pressed button', () => {
  it('is let go', async () => {
    const [channel] = telegram.channels;
    const fake = new FakeTelegram().says(true);
    expect(await channel?.dialog.confirm?.({ callback_query_id: '4' }, fake.call())).toEqual({ status: 'ok' });
    expect(fake.calls).toEqual([{ method: 'answerCallbackQuery', params: { callback_query_id: '4' } }]);
  });
});

describe('the list of bots', () => {
  it('is sorted, and says what is active', () => {
    const view = (address: string, active: boolean) => ({
      address,
      name: 'A',
      details: {},
      subscribed: active,
      accounts: [{ address, name: 'A', details: { username: 'a_bot' }, active }],
    });
    expect(accounts.present([view('2', false), view('1', true)])).toEqual([
      {
        id: '1',
        name: 'A',
        username: 'a_bot',
        link: 'https://t.me/a_bot',
        active: true,
        allowed_updates: expect.any(Array),
      },
      { id: '2', name: 'A', username: 'a_bot', link: 'https://t.me/a_bot', active: false },
    ]);
  });
});
