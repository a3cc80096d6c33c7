import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PagePerson } from '../../src/simulator/pages/person.js';
import { INSTAGRAM, PAGE, engagePages, openPages, wroteAgo } from '../support/pages.js';
import { eventually } from '../support/patchbay.js';
import type { MessageView, ProblemView } from '../support/scene.js';
import type { Stage } from '../support/stage.js';

interface Explained {
  readonly verdict: string;
  readonly reasons: readonly { readonly code: string; readonly detail: string; readonly until?: string }[];
  readonly window: { readonly state: string; readonly expiresAt?: string } | null;
  readonly class: string | null;
  readonly estimatedAt: string | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** As near to an edge as a slow machine lets us. */
const MINUTE_MS = 60_000;
const CONTENT = { type: 'text', text: 'by Olha' };

const RESPONSE = { messaging_type: 'RESPONSE' };
const TAGGED = { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' };

describe('what a human writes to people of pages', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openPages();
    await engagePages(stage);
  }, 180_000);

  afterAll(() => stage.close());

  const call = <T>(path: string, body: object) => stage.patchbay.call<T>('POST', path, { body });
  const to = (person: PagePerson, more: object) => ({
    gateway: stage.uri,
    account: person.profile.account,
    to: { userId: person.id },
    content: CONTENT,
    ...more,
  });

  /** What is explained, by which nothing is sent. */
  async function explain(person: PagePerson, more: object): Promise<Explained> {
    const before = person.received.length;
    const { status, text, body } = await call<Explained>('/messages/explain', to(person, more));
    if (status !== 200) throw new Error(`${status} ${text}`);
    expect(person.received).toHaveLength(before);
    return body;
  }

  const messageOf = async (id: string) => (await stage.patchbay.call<MessageView>('GET', `/messages/${id}`)).body;

  const whenSent = (id: string) =>
    eventually('the message is sent, or failed', async () => {
      const message = await messageOf(id);
      return (message.status === 'failed' || message.providerId !== undefined) && message;
    });

  describe.each([
    ['Messenger', PAGE],
    ['Instagram', INSTAGRAM],
  ])('on %s', (_, account) => {
    it.each<[string, number, 'human' | undefined, 'open' | 'closed', object | undefined]>([
      ['a human, a minute before 24 hours', DAY_MS - MINUTE_MS, 'human', 'open', RESPONSE],
      ['a program, a minute before 24 hours', DAY_MS - MINUTE_MS, undefined, 'open', RESPONSE],
      ['a human, at 24 hours', DAY_MS, 'human', 'closed', TAGGED],
      ['a program, at 24 hours', DAY_MS, undefined, 'closed', undefined],
      ['a human, a minute before 7 days', 7 * DAY_MS - MINUTE_MS, 'human', 'closed', TAGGED],
      ['a program, a minute before 7 days', 7 * DAY_MS - MINUTE_MS, undefined, 'closed', undefined],
      ['a human, at 7 days', 7 * DAY_MS, 'human', 'closed', undefined],
      ['a program, at 7 days', 7 * DAY_MS, undefined, 'closed', undefined],
    ])('%s: what is explained comes true', async (_name, ms, author, window, sent) => {
      const person = stage.sim.pages.person(account);
      await wroteAgo(stage, person, ms);
      const wroteAt = person.profile.actedAt ?? 0;
      const body = author ? { author } : {};
      const explained = await explain(person, body);
      expect(explained.window).toEqual({
        state: window,
        expiresAt: new Date(wroteAt + DAY_MS).toISOString(),
      });
      if (!sent) {
        expect(explained).toMatchObject({ verdict: 'reject', reasons: [{ code: 'window.closed' }], class: null });
        expect(explained.reasons[0]?.detail).toContain('7 days');
        const refused = await call<ProblemView>('/messages', to(person, body));
        expect([refused.status, refused.body.code]).toEqual([422, 'window.closed']);
        expect(refused.body.detail).toBe(explained.reasons[0]?.detail);
        expect(person.received).toEqual([]);
        return;
      }
      expect(explained).toMatchObject({ verdict: 'send', reasons: [], estimatedAt: expect.any(String) });
      const taken = await call<MessageView>('/messages', to(person, body));
      expect([taken.status, taken.body['class']]).toEqual([202, explained.class]);
      expect((await whenSent(taken.body.id)).status).not.toBe('failed');
      const message = expect.objectContaining({ text: CONTENT.text });
      expect(person.received.map(({ body: posted }) => posted)).toEqual([
        { recipient: { id: person.id }, ...sent, message },
      ]);
    });
  });

  it('makes no difference to who never wrote', async () => {
    const person = stage.sim.pages.person(PAGE);
    const verdicts = await Promise.all([{ author: 'human' }, {}].map((more) => explain(person, more)));
    for (const { verdict, window } of verdicts) expect([verdict, window]).toEqual(['send', { state: 'unknown' }]);
    const odd = await call<ProblemView>('/messages/explain', to(person, { author: 'robot' }));
    expect(odd.status).toBe(400);
  });

  it('expires with the seven days, not later', async () => {
    const person = stage.sim.pages.person(PAGE);
    await wroteAgo(stage, person, 6 * DAY_MS);
    const end = (person.profile.actedAt ?? 0) + 7 * DAY_MS;
    const { body } = await call<MessageView>('/messages', to(person, { author: 'human' }));
    expect(body['expiresAt']).toBe(new Date(end).toISOString());
  });

  it('may be written for a moment at which the window has closed', async () => {
    const person = stage.sim.pages.person(INSTAGRAM);
    await wroteAgo(stage, person, DAY_MS - 2_000);
    const sendAt = new Date(Date.now() + 2_500).toISOString();
    const body = { author: 'human', sendAt };
    expect(await explain(person, body)).toMatchObject({ verdict: 'hold', reasons: [{ code: 'schedule' }] });
    const { id } = (await call<MessageView>('/messages', to(person, body))).body;
    expect((await whenSent(id)).status).not.toBe('failed');
    expect(person.received.map(({ body: posted }) => posted)).toMatchObject([TAGGED]);
  });

  it('may come from the operator who has the dialog', async () => {
    const person = stage.sim.pages.person(PAGE);
    const { dialog } = await wroteAgo(stage, person, 2 * DAY_MS);
    await call(`/dialogs/${dialog.id}/assign`, { to: 'Olha' });
    const { status, body } = await call<MessageView>(`/dialogs/${dialog.id}/messages`, {
      content: CONTENT,
      author: 'human',
    });
    expect([status, body]).toMatchObject([202, { origin: 'human', operator: 'Olha', author: 'human' }]);
    expect((await whenSent(body.id)).status).not.toBe('failed');
    expect(person.received.map(({ body: posted }) => posted)).toMatchObject([TAGGED]);
  });
});
