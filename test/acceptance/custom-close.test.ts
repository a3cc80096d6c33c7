import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { CustomScene } from '../support/custom-scene.js';
import type { OtherAnswer, Posted } from '../support/other-side.js';
import { eventually } from '../support/patchbay.js';

const PASSING: OtherAnswer = { status: 503 };
const TAKEN: OtherAnswer = {};
const NOT_WANTED: OtherAnswer = { status: 404 };

describe('the end of a dialog', () => {
  let custom: CustomScene;

  beforeAll(async () => {
    custom = await CustomScene.open({ close_words: 'bye' });
    const { patchbay, uri } = custom.scene.stage;
    await patchbay.command(uri, 'custom=setup');
    await patchbay.command(uri, 'custom=subscribe');
  });

  afterAll(() => custom.close());

  afterEach(() => {
    custom.other.answer = () => TAKEN;
  });

  async function closeHere(dialog: string): Promise<void> {
    const { patchbay } = custom.scene.stage;
    expect((await patchbay.call('PATCH', `/dialogs/${dialog}`, { body: { close: true } })).status).toBe(200);
  }
  const posted = (userId: string): readonly Posted[] =>
    custom.other.posted.filter(({ envelope }) => envelope.to?.userId === userId);
  const closes = (userId: string) => posted(userId).filter(({ envelope }) => envelope.type === 'close');
  const closesOf = (userId: string, count: number) =>
    eventually(`${count} ends to be posted`, async () => closes(userId).length >= count && closes(userId));
  const answerCloses = (userId: string, ...answers: readonly OtherAnswer[]): void => {
    let told = 0;
    custom.other.answer = ({ type, to }) => {
      if (type !== 'close' || to.userId !== userId) return TAKEN;
      told += 1;
      return answers[told - 1] ?? TAKEN;
    };
  };

  it('is posted to the other side, signed, once', async () => {
    const ann = custom.newPerson();
    const { dialog } = await custom.hears(ann, 'hi');
    await closeHere(dialog.id);
    const [{ raw, headers }] = (await closesOf(ann, 1)) as [Posted];
    expect(new Webhook(custom.other.secret).verify(raw, headers as Record<string, string>)).toEqual({
      type: 'close',
      gateway: custom.scene.stage.uri,
      account: 'shop',
      to: { userId: ann },
      reason: 'api',
      at: expect.any(String),
    });
    await closeHere(dialog.id);
    const next = await custom.hears(ann, 'me again');
    await closeHere(next.dialog.id);
    const ends = await closesOf(ann, 2);
    expect(new Set(ends.map((end) => end.headers['webhook-id'])).size).toBe(2);
  });

  it('comes after what the bot says with it', async () => {
    const ann = custom.newPerson();
    custom.scene.answerTo({ userId: ann }, ({ event: { type } }) =>
      type === 'message.received'
        ? { body: { replies: ['One', 'Two', 'Goodbye'].map((text) => ({ type: 'text', text })), close: true } }
        : undefined,
    );
    await custom.hears(ann, 'that is all');
    await closesOf(ann, 1);
    expect(posted(ann).map(({ envelope: { type, content } }) => content?.text ?? type)).toEqual([
      'One',
      'Two',
      'Goodbye',
      'close',
    ]);
    expect(JSON.parse(closes(ann)[0]?.raw ?? '')).toMatchObject({ reason: 'bot' });
  });

  it('is told again until it is taken, under the same id', async () => {
    const ann = custom.newPerson();
    const { dialog } = await custom.hears(ann, 'hi');
    answerCloses(ann, PASSING, { drop: true });
    await closeHere(dialog.id);
    const tried = await closesOf(ann, 3);
    expect(new Set(tried.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('is not told again to one who has no use for it', async () => {
    const ann = custom.newPerson();
    const { dialog } = await custom.hears(ann, 'hi');
    answerCloses(ann, NOT_WANTED);
    await closeHere(dialog.id);
    await eventually('that it is counted', async () => {
      const { text } = await custom.scene.stage.patchbay.call('GET', '//metrics', { key: null });
      return /patchbay_bot_deliveries_total\{[^}]*to="network",result="refused"[^}]*\} 1/.test(text);
    });
    expect(closes(ann)).toHaveLength(1);
    expect(await custom.scene.attention('parked')).toEqual([]);
  });

  it('by the customer’s own word is posted; by the other side’s is not', async () => {
    const [ann, bob] = [custom.newPerson(), custom.newPerson()];
    await custom.hears(ann, 'bye');
    expect(JSON.parse((await closesOf(ann, 1))[0]?.raw ?? '')).toMatchObject({ reason: 'customer' });
    const first = await custom.hears(bob, 'hi');
    await custom.tell({ type: 'close', account: 'shop', from: { userId: bob }, at: new Date().toISOString() });
    await custom.scene.stage.bot.waitFor(
      ({ type, dialog }) => type === 'dialog.closed' && dialog.id === first.dialog.id,
    );
    // Of one person in order: had the first end been told, it would be here before the second.
    const second = await custom.hears(bob, 'me again');
    await closeHere(second.dialog.id);
    expect((await closesOf(bob, 1)).map(({ raw }) => (JSON.parse(raw) as { reason: string }).reason)).toEqual(['api']);
  });
});
