import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type MessageView, type ProblemView, Scene } from '../support/scene.js';
import { WORLD } from '../support/stage.js';

interface Refusal extends ProblemView {
  readonly errors: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}
interface Taken extends MessageView {
  readonly notes: readonly string[];
  readonly parts?: readonly { readonly id: string; readonly status: string }[];
}

const reply = (title: string) => ({ type: 'reply', id: title.toLowerCase(), title });
const buttons = (list: object[], more: object = {}) => ({ type: 'buttons', text: 'Pick', buttons: list, ...more });

const body = (text: string) => [{ type: 'BODY', text }];
const TEMPLATES = [
  { name: 'login_code', category: 'AUTHENTICATION', components: body('Code {{1}}') },
  { name: 'follow_up', category: 'UTILITY', components: body('Hello {{1}}') },
];

describe('contents on their way out', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open({ simulator: { world: { wabas: [{ id: WORLD.wabaId, templates: TEMPLATES }] } } });
    await eventually('the templates to be read', async () => {
      const { body: list } = await scene.get<{ items: object[] }>('/templates?gateway=acme');
      return list.items.length === 2;
    });
  });

  afterAll(() => scene.close());

  /** A customer with an open window. */
  async function talker() {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    return customer;
  }

  it.each<[string, object, object]>([
    ['three buttons', buttons(['A', 'B', 'C'].map(reply)), { type: 'button' }],
    ['a link', buttons([{ type: 'url', title: 'Go', url: 'https://x.test' }]), { type: 'cta_url' }],
    ['a request for the phone number', buttons([{ type: 'phone', title: 'Share' }]), { type: 'request_contact_info' }],
    [
      'a list',
      { type: 'list', text: 'Pick', button: 'Open', sections: [{ rows: [{ id: '1', title: 'One' }] }] },
      { type: 'list' },
    ],
  ])('%s reaches the customer as it is, without a note on what was changed', async (_name, content, interactive) => {
    const customer = await talker();
    const answer = await scene.post<Taken>({ to: `+${customer.phone}`, content });
    expect(answer.status).toBe(202);
    expect(answer.body.notes.filter((note) => !note.includes('label'))).toEqual([]);
    expect((await customer.nextMessage()).body.interactive).toMatchObject(interactive);
  });

  it('four buttons go as a list; the answer, the message and the list of messages say so, and keep what was written', async () => {
    const customer = await talker();
    const content = buttons(['A', 'B', 'C', 'D'].map(reply));
    const { status, body } = await scene.post<Taken>({ to: `+${customer.phone}`, content });
    expect([status, body.notes]).toEqual([202, [expect.stringContaining('became a list')]]);
    const wire = await customer.nextMessage();
    expect(wire.body.interactive).toMatchObject({
      type: 'list',
      body: { text: 'Pick' },
      action: {
        button: 'Menu',
        sections: [{ rows: ['A', 'B', 'C', 'D'].map((title) => ({ id: title.toLowerCase(), title })) }],
      },
    });
    expect(await scene.until(body.id, 'delivered')).toMatchObject({ content, notes: body.notes });
    const { body: page } = await scene.get<{ items: Taken[] }>(`/dialogs/${body.dialog}/messages?limit=1`);
    expect(page.items).toMatchObject([{ id: body.id, notes: body.notes }]);
  });

  it('buttons of several kinds show all that they say', async () => {
    const customer = await talker();
    const content = buttons([reply('Yes'), { type: 'url', title: 'Site', url: 'https://x.test/a' }]);
    const { body } = await scene.post<Taken>({ to: `+${customer.phone}`, content });
    expect(body.notes).toEqual([expect.stringContaining('"Site" moved into the text')]);
    expect((await customer.nextMessage()).body.interactive).toMatchObject({
      type: 'button',
      body: { text: 'Pick\n\nSite: https://x.test/a' },
      action: { buttons: [{ reply: { id: 'yes', title: 'Yes' } }] },
    });
  });

  it.each<[string, object, string, number, number]>([
    ['a caption', { type: 'image', media: { id: '1' }, caption: 'x'.repeat(1_025) }, 'content.caption', 1_025, 1_024],
    ['a footer', buttons([reply('A')], { footer: 'x'.repeat(61) }), 'content.footer', 61, 60],
    [
      'numbered text',
      buttons(
        Array.from({ length: 11 }, (_, at) => reply(`${at}`)),
        { text: '😀'.repeat(4_080) },
      ),
      'content.text',
      4_139,
      4_096,
    ],
  ])('%s that is too long is refused with path, length and limit', async (_name, content, path, length, limit) => {
    const answer = await scene.post<Refusal>({ to: `+${(await talker()).phone}`, content });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'content.too_long', errors: [{ path, code: 'content.too_long' }] },
    });
    expect(answer.body.errors[0]?.message).toMatch(new RegExp(`\\b${length}\\b.*\\b${limit}\\b`));
  });

  describe('a text with split', () => {
    const long = 'All work and no play. '.repeat(450).trim();

    it('goes as messages that follow one another, each with receipts of its own', async () => {
      const customer = await talker();
      const content = { type: 'text', text: long, split: true };
      const key = { 'idempotency-key': `split-${customer.phone}` };
      const { status, body } = await scene.post<Taken>({ to: `+${customer.phone}`, content }, key);
      expect([status, body.parts?.length]).toEqual([202, 2]);
      const ids = [body.id, ...(body.parts ?? []).map(({ id }) => id)];
      const received: string[] = [];
      for (const _ of ids) received.push((await customer.nextMessage()).text ?? '');
      expect(received.join('')).toBe(long);
      for (const id of ids) await scene.until(id, 'delivered');
      const again = await scene.post<Taken>({ to: `+${customer.phone}`, content }, key);
      expect([again.body.id, again.body.parts]).toEqual([body.id, body.parts]);
      const history = (await scene.history(body.dialog)).filter(({ direction }) => direction === 'outbound');
      expect(history.map(({ id }) => id)).toEqual(ids);
      expect((history as Taken[]).map(({ notes }) => notes[0])).toEqual(
        [1, 2, 3].map((part) => expect.stringContaining(`Part ${part} of 3`)),
      );
    });

    it('without it is refused', async () => {
      const answer = await scene.post<Refusal>({
        to: `+${(await talker()).phone}`,
        content: { type: 'text', text: long },
      });
      expect(answer).toMatchObject({ status: 422, body: { code: 'content.too_long' } });
    });

    it('is one item of a batch, also when the batch is repeated', async () => {
      const customer = await talker();
      const messages = [
        { gateway: 'acme', to: `+${customer.phone}`, content: { type: 'text', text: long, split: true } },
      ];
      const send = () =>
        scene.stage.patchbay.call<{ items: Taken[] }>('POST', '/messages/batch', {
          body: { messages },
          headers: { 'idempotency-key': `batch-${customer.phone}` },
        });
      const first = await send();
      expect(first.body.items).toMatchObject([
        { index: 0, status: 'queued', parts: [{ status: 'queued' }, { status: 'queued' }] },
      ]);
      expect((await send()).body).toEqual(first.body);
      for (let part = 0; part < 3; part += 1) await customer.nextMessage();
    });

    it('is what a bot may say, before what it says next', async () => {
      const customer = scene.customer();
      scene.answerTo(customer, () => ({
        body: {
          replies: [
            { type: 'text', text: long, split: true },
            { type: 'text', text: 'the end' },
          ],
        },
      }));
      await scene.write(customer, 'tell me');
      const received: string[] = [];
      for (let part = 0; part < 4; part += 1) received.push((await customer.nextMessage()).text ?? '');
      expect(received.at(-1)).toBe('the end');
      expect(received.slice(0, 3).join('')).toBe(long);
    });

    it('has one fallback, which goes once when the window is closed', async () => {
      const customer = scene.customer();
      const longAgo = String(Math.floor((Date.now() - 26 * 3_600_000) / 1_000));
      await scene.write(customer, { type: 'text', text: { body: 'long ago' }, timestamp: longAgo });
      const fallback = { type: 'template', name: 'follow_up', language: 'en_US', params: { body: ['Ann'] } };
      const content = { type: 'text', text: long, split: true };
      const { status, body } = await scene.post<Taken>({ to: `+${customer.phone}`, content, fallback });
      expect([status, body.parts]).toEqual([202, undefined]);
      expect(await customer.nextMessage()).toMatchObject({ template: 'follow_up' });
      await scene.until(body.id, 'delivered');
      expect(customer.received).toHaveLength(1);
    });
  });

  describe('a template that needs a phone number', () => {
    const content = { type: 'template', name: 'login_code', language: 'en_US', params: { code: '123456' } };

    it('is refused for somebody who has none, and nothing is sent', async () => {
      const userId = 'US.888001';
      const answer = await scene.post<Refusal>({ to: { userId }, content });
      expect(answer).toMatchObject({
        status: 422,
        body: { code: 'recipient.phone_required', errors: [{ path: 'to' }] },
      });
      expect(scene.stage.sim.sent.filter((message) => message.userId === userId)).toEqual([]);
    });

    it('goes to the phone of a user id whose phone is known', async () => {
      const userId = 'US.888002';
      const phone = scene.newPhone();
      const customer = scene.stage.sim.customer({ phone, userId });
      await scene.write(customer, 'hi');
      const answer = await scene.post<Taken>({ to: { userId }, content });
      expect(answer).toMatchObject({ status: 202, body: { to: { phone: `+${phone}` } } });
      expect(await customer.nextMessage()).toMatchObject({ template: 'login_code', phone });
    });

    it('other templates go to a user id', async () => {
      const userId = 'US.888003';
      const customer = scene.stage.sim.customer({ userId });
      const other = { type: 'template', name: 'follow_up', language: 'en_US', params: { body: ['Ann'] } };
      expect((await scene.post<Taken>({ to: { userId }, content: other })).status).toBe(202);
      expect(await customer.nextMessage()).toMatchObject({ template: 'follow_up', userId });
    });
  });
});
