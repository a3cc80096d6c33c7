import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_WORLD, type Simulator, startSimulator } from '../simulator.js';

const OWNER = 'EAAOwner';
const SCOPES = ['pages_show_list', 'pages_messaging', 'pages_manage_metadata', 'business_management'];

interface Answer {
  readonly status: number;
  readonly data?: unknown;
  readonly error?: { readonly code?: number; readonly error_subcode?: number };
  readonly [key: string]: unknown;
}

describe('pages', () => {
  let sim: Simulator;

  beforeAll(async () => {
    sim = await startSimulator();
  });

  beforeEach(() => {
    sim.reset();
    sim.world.addToken({ token: OWNER, scopes: SCOPES });
    sim.pages.add({ id: '110', instagram: { id: '1784', username: 'acme', name: 'Acme' } });
    sim.pages.add({ id: '111' });
  });

  afterAll(() => sim.close());

  async function graph(method: string, path: string, token: string, body?: object): Promise<Answer> {
    const response = await fetch(`${sim.url}/v26.0/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as object;
    return { status: response.status, ...answer };
  }
  const send = (body: object, token = 'EAAPage110', page = '110') => graph('POST', `${page}/messages`, token, body);
  const errorOf = ({ error }: Answer) => [error?.code, error?.error_subcode];

  it('are shown with their tokens to who has a role on them', async () => {
    const { data } = await graph('GET', 'me/accounts?fields=id,access_token', OWNER);
    expect(data).toEqual([
      { id: '110', access_token: 'EAAPage110' },
      { id: '111', access_token: 'EAAPage111' },
    ]);
    const page = await graph('GET', '110?fields=name,instagram_business_account{id,username}', OWNER);
    expect(page).toMatchObject({ id: '110', instagram_business_account: { id: '1784', username: 'acme' } });
    expect(errorOf(await graph('GET', '110', 'EAAPage111'))).toEqual([100, 33]);
    expect(errorOf(await graph('GET', 'me/accounts', DEFAULT_WORLD.token))).toEqual([200, undefined]);
  });

  it('are subscribed by themselves, with fields that there are', async () => {
    expect(errorOf(await graph('POST', '110/subscribed_apps?subscribed_fields=messages', OWNER))).toEqual([
      210,
      undefined,
    ]);
    expect(errorOf(await graph('POST', '110/subscribed_apps?subscribed_fields=moods', 'EAAPage110'))).toEqual([
      100,
      undefined,
    ]);
    await graph('POST', '110/subscribed_apps?subscribed_fields=messages,name', 'EAAPage110');
    const { data } = await graph('GET', '110/subscribed_apps', 'EAAPage110');
    expect(data).toMatchObject([{ id: DEFAULT_WORLD.appId, subscribed_fields: ['messages', 'name'] }]);
  });

  it.each<[string, object, [number | undefined, number | undefined]]>([
    ['a text', { message: { text: 'x'.repeat(2000) } }, [undefined, undefined]],
    ['a long text', { message: { text: 'x'.repeat(2001) } }, [100, undefined]],
    ['nothing', { message: {} }, [100, undefined]],
    ['no kind', { messaging_type: undefined, message: { text: 'x' } }, [100, undefined]],
    ['a dead tag', { messaging_type: 'MESSAGE_TAG', tag: 'ACCOUNT_UPDATE', message: { text: 'x' } }, [100, undefined]],
    [
      '14 quick replies',
      {
        message: {
          text: 'x',
          quick_replies: Array.from({ length: 14 }, () => ({ content_type: 'text', title: 't', payload: 'p' })),
        },
      },
      [100, undefined],
    ],
    [
      '4 buttons',
      {
        message: {
          attachment: {
            type: 'template',
            payload: {
              template_type: 'button',
              text: 'x',
              buttons: Array.from({ length: 4 }, () => ({ type: 'postback', title: 't', payload: 'p' })),
            },
          },
        },
      },
      [100, undefined],
    ],
    [
      'a file of nobody',
      { message: { attachment: { type: 'image', payload: { attachment_id: '1' } } } },
      [100, 2018074],
    ],
    ['an action', { messaging_type: undefined, sender_action: 'mark_seen' }, [undefined, undefined]],
    ['an action that is none', { messaging_type: undefined, sender_action: 'wink' }, [100, undefined]],
    [
      'an action with a message',
      { messaging_type: undefined, sender_action: 'typing_on', message: { text: 'x' } },
      [100, undefined],
    ],
    ['an unknown person', { recipient: { id: '1' }, message: { text: 'x' } }, [100, 2018001]],
  ])('judge %s', async (_, body, expected) => {
    const ann = sim.pages.person('110', { id: '2440' });
    ann.write('hi');
    expect(errorOf(await send({ recipient: { id: '2440' }, messaging_type: 'RESPONSE', ...body }))).toEqual(expected);
  });

  it('write for 24 hours, a human for 7 days, and not to who blocks them', async () => {
    const ann = sim.pages.person('110');
    const say = (more: object = {}) =>
      send({ recipient: { id: ann.id }, messaging_type: 'RESPONSE', message: { text: 'x' }, ...more });
    expect(errorOf(await say())).toEqual([100, 2018001]);
    ann.write('hi');
    expect(await say()).toMatchObject({ recipient_id: ann.id, message_id: expect.stringMatching(/^m_/) });
    sim.advance(24 * 3_600_000);
    expect(errorOf(await say())).toEqual([10, 2018278]);
    const human = { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' };
    expect(errorOf(await say(human))).toEqual([undefined, undefined]);
    sim.advance(6 * 24 * 3_600_000);
    expect(errorOf(await say(human))).toEqual([10, 2018278]);
    ann.react('m_1', '👍');
    ann.profile.blocks = true;
    expect(errorOf(await say())).toEqual([551, 1545041]);
    expect(ann.received).toHaveLength(2);
  });

  it('count bytes on Instagram', async () => {
    const ann = sim.pages.person('1784');
    ann.write('hi');
    const say = (text: string) => send({ recipient: { id: ann.id }, messaging_type: 'RESPONSE', message: { text } });
    expect(errorOf(await say('ї'.repeat(500)))).toEqual([undefined, undefined]);
    expect(errorOf(await say(`${'ї'.repeat(500)}.`))).toEqual([100, undefined]);
    expect(ann.received).toMatchObject([{ object: 'instagram' }]);
  });
});
