import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PagePerson } from '../../src/simulator/pages/person.js';
import { png } from '../support/files.js';
import { FIELDS, INSTAGRAM, OTHER, PAGE, heard as heardBy, openPages, wroteAgo } from '../support/pages.js';
import { eventually } from '../support/patchbay.js';
import { type MessageView, type ProblemView, statusesOf } from '../support/scene.js';
import { type Stage, WORLD } from '../support/stage.js';

const HOUR_MS = 3_600_000;

describe('Facebook pages and Instagram accounts', () => {
  let stage: Stage;

  const command = (query: string) => stage.patchbay.command(stage.uri, query);
  const list = (answer: { readonly body: unknown }) => answer.body as readonly Record<string, unknown>[];
  const to = (person: PagePerson) => ({
    gateway: stage.uri,
    account: person.profile.account,
    to: { userId: person.id },
  });
  const send = <T = MessageView>(person: PagePerson, content: object, more: object = {}) =>
    stage.patchbay.call<T>('POST', '/messages', { body: { ...to(person), content, ...more } });
  const messageOf = async (id: string) => (await stage.patchbay.call<MessageView>('GET', `/messages/${id}`)).body;
  const whenStatus = (id: string, status: string) =>
    eventually(`the message is ${status}`, async () => {
      const message = await messageOf(id);
      return message.status === status && message;
    });
  const heard = (person: PagePerson, fits: Parameters<typeof heardBy>[2]) => heardBy(stage, person, fits);
  const reached = (person: PagePerson, count: number) =>
    eventually(`${count} messages reach the person`, () =>
      Promise.resolve(person.received.length >= count && person.received),
    );
  const bodiesOf = (person: PagePerson) => person.received.map(({ body }) => body);

  beforeAll(async () => {
    stage = await openPages();
  }, 180_000);

  beforeEach(() => {
    stage.bot.answer = () => undefined;
    stage.sim.faults.clear();
  });

  afterAll(() => stage.close());

  describe('are set up', () => {
    it('by the five verbs under their own parameters, and never with a token', async () => {
      const pages = await command('pages=setup');
      expect(list(pages)).toEqual([
        expect.objectContaining({ id: PAGE, name: 'Acme', category: 'Shopping & retail', active: false }),
        expect.objectContaining({ id: OTHER, name: 'Acme Outlet', active: false }),
      ]);
      const accounts = await command('instagram=setup');
      const own = { id: PAGE, name: 'Acme', instagram: { id: INSTAGRAM, username: 'acme.shop', name: 'Acme' } };
      expect(list(accounts)).toEqual([{ ...own, active: false }]);
      const subscribed = await command(`pages=subscribe&id=${PAGE}`);
      expect(list(subscribed)).toMatchObject([
        { id: PAGE, active: true, subscribed_fields: expect.arrayContaining(['standby']) },
      ]);
      expect(list(await command(`instagram=subscribe&id=${INSTAGRAM}`))).toMatchObject([{ ...own, active: true }]);
      expect(list(await command('pages='))).toMatchObject([
        { id: PAGE, active: true },
        { id: OTHER, active: false },
      ]);
      const { body, text } = await stage.patchbay.call<Record<string, unknown>>('GET', `/accounts/${PAGE}`);
      expect(body).toMatchObject({ id: PAGE, channel: 'facebook', name: 'Acme', state: 'active' });
      for (const shown of [pages.text, accounts.text, subscribed.text, text]) expect(shown).not.toContain('EAAPage');
      expect(stage.patchbay.logLines.join('\n')).not.toMatch(/EAAPage|EAAOwner/);
    });

    it.each(['facebook=setup', 'pages=Setup', 'pages=setup&instagram=setup'])(
      'and ?%s is no command',
      async (query) => {
        const answer = await command(query);
        expect([answer.status, (answer.body as ProblemView).code]).toEqual([400, 'callback.operation.unknown']);
        expect(answer.text).toContain('?pages=setup');
      },
    );

    it('with one subscription of the page for both, which lasts as long as one of them', async () => {
      const fieldsOf = () => stage.sim.pages.pages.get(PAGE)?.subscriptions.get(WORLD.appId);
      expect(fieldsOf()).toEqual(expect.arrayContaining(['messaging_postbacks', 'name']));
      await command(`pages=unsubscribe&id=${PAGE}`);
      expect(fieldsOf()).toEqual(['messages', 'name']);
      await command(`pages=subscribe&id=${PAGE}`);
      expect(list(await command(`pages=subscribe&id=${OTHER}`))).toMatchObject([{ active: true }]);
      expect(list(await command(`pages=remove&id=${OTHER}`))).toMatchObject([{ id: OTHER, active: false }]);
      expect(stage.sim.pages.pages.get(OTHER)?.subscriptions.size).toBe(0);
      expect(list(await command('pages='))).toMatchObject([{ id: PAGE }]);
      expect((await command('pages=remove')).status).toBe(400);
    });

    it('and a token that ended is that page’s error, and mended by setup', async () => {
      stage.sim.pages.add({ id: PAGE, token: 'EAAPageRenewed' });
      stage.sim.world.token(`EAAPage${PAGE}`).valid = false;
      expect(list(await command(`pages=subscribe&id=${PAGE}`))).toMatchObject([{ error: { code: 190 } }]);
      const mia = stage.sim.pages.person(PAGE);
      mia.write('hi');
      await heard(mia, ({ text }) => text === 'hi');
      const { id } = (await send(mia, { type: 'text', text: 'as soon as I can' })).body;
      expect(await whenStatus(id, 'held')).toMatchObject({ held: { reason: 'account' } });
      const { body } = await stage.patchbay.call('GET', `/gateways/${stage.uri}`);
      expect(body['status']).not.toBe('parked');
      await command('pages=setup');
      await whenStatus(id, 'delivered');
      expect(list(await command(`pages=subscribe&id=${PAGE}`))).toMatchObject([{ active: true }]);
      await command('instagram=setup');
    });
  });

  describe('are written to', () => {
    it('with everything on the event, and a name as soon as it is known', async () => {
      const ann = stage.sim.pages.person(PAGE, { first_name: 'Ann', last_name: 'Lee' });
      const mid = ann.write('Do you ship?');
      const { event } = await heard(ann, ({ text }) => text === 'Do you ship?');
      expect(event).toMatchObject({
        channel: 'facebook',
        account: { id: PAGE, name: 'Acme' },
        dialog: { isNew: true, window: { state: 'open' } },
        variables: { chat: 'facebook', user: ann.id, 'facebook.page': PAGE, 'facebook.name': 'Acme' },
        message: { providerId: mid },
      });
      await eventually('the name is on record', async () => {
        const { body } = await stage.patchbay.call<{ name?: string }>('GET', `/contacts/${event.contact.id}`);
        return body.name === 'Ann Lee';
      });
      ann.arrive('spring');
      const next = await heard(ann, ({ content }) => content?.type === 'system');
      expect(next.event).toMatchObject({
        contact: { name: 'Ann Lee' },
        variables: { from: 'Ann Lee', ref: 'spring' },
        message: { referral: { ref: 'spring' } },
      });
      const asked = stage.sim.requests.filter(({ path }) => path === `/${ann.id}`);
      expect(asked).toHaveLength(1);
    });

    it('by taps, reactions, edits and what is taken back', async () => {
      const bob = stage.sim.pages.person(PAGE);
      bob.press('Get started', 'START', { ref: 'flyer' });
      const start = await heard(bob, ({ content }) => content?.['id'] === 'START');
      expect(start.event).toMatchObject({ variables: { ref: 'flyer' }, message: { text: 'Get started' } });
      bob.choose('Blue', 'color:blue');
      await heard(bob, ({ content }) => content?.['id'] === 'color:blue');
      const mid = bob.write('Kharkiv');
      const { event } = await heard(bob, ({ text }) => text === 'Kharkiv');
      bob.edit(mid, 'Kyiv');
      bob.react(mid, '🔥');
      bob.unsend(mid);
      const of = { messageId: event.message?.id };
      for (const type of ['edit', 'reaction', 'revoke']) {
        const told = await heard(bob, ({ content }) => content?.type === type);
        expect(told.event.message?.content).toMatchObject(of);
      }
    });

    it('on Instagram, where stories are answered', async () => {
      const cid = stage.sim.pages.person(INSTAGRAM, { first_name: 'Cid', username: 'cid.b' });
      cid.write({ text: 'love it', reply_to: { story: { id: '1', url: 'https://cdn.example/story' } } });
      const { event } = await heard(cid, ({ text }) => text === 'love it');
      expect(event).toMatchObject({
        channel: 'instagram',
        account: { id: INSTAGRAM, name: 'acme.shop' },
        variables: { chat: 'instagram', user: cid.id, 'instagram.page': PAGE, 'instagram.user': 'acme.shop' },
        message: { referral: { source: 'STORY', story: { id: '1' } } },
      });
      await eventually('name and username are on record', async () => {
        const { text } = await stage.patchbay.call('GET', `/contacts/${event.contact.id}`);
        return text.includes('Cid Bo') && text.includes('cid.b');
      });
    });

    it('and the bot keeps quiet while a human answers, not because of its own words', async () => {
      const dan = stage.sim.pages.person(PAGE);
      stage.bot.answer = ({ event }) =>
        event.type === 'message.received' && event.contact.userId === dan.id
          ? { body: { replies: [{ type: 'text', text: `bot: ${event.message?.text}` }] } }
          : undefined;
      dan.write('one');
      await reached(dan, 1);
      dan.write('two');
      await reached(dan, 2);
      dan.answerByHand('I will help');
      const echoed = await stage.bot.waitFor(({ message }) => message?.text === 'I will help');
      expect(echoed.event).toMatchObject({ type: 'message.accepted', message: { origin: 'human' } });
      dan.write('three');
      await eventually('the message is in the history', async () => {
        const { text } = await stage.patchbay.call('GET', `/dialogs/${echoed.event.dialog.id}/messages`);
        return text.includes('three');
      });
      expect(bodiesOf(dan)).toHaveLength(2);
    });
  });

  describe('write', () => {
    it('texts that are delivered one by one, and read all at once', async () => {
      const eve = stage.sim.pages.person(PAGE);
      eve.write('hi');
      await heard(eve, ({ text }) => text === 'hi');
      const ids: string[] = [];
      for (const text of ['first', 'second', 'third']) ids.push((await send(eve, { type: 'text', text })).body.id);
      for (const id of ids) await whenStatus(id, 'delivered');
      eve.read();
      for (const id of ids) {
        const message = await whenStatus(id, 'read');
        expect(statusesOf(message)).toEqual(expect.arrayContaining(['accepted', 'sent', 'delivered', 'read']));
        expect(statusesOf(message).filter((status) => status === 'read')).toHaveLength(1);
      }
      expect(bodiesOf(eve)[0]).toMatchObject({ messaging_type: 'RESPONSE', message: { text: 'first' } });
      const told = stage.bot.events.filter(
        ({ type, message }) => type === 'message.read' && ids.includes(message?.id ?? ''),
      );
      expect(told).toHaveLength(3);
    });

    it('on Instagram, where the last one that was seen tells of those before', async () => {
      const fay = stage.sim.pages.person(INSTAGRAM);
      fay.write('hi');
      await heard(fay, ({ text }) => text === 'hi');
      const ids: string[] = [];
      for (const text of ['first', 'second']) ids.push((await send(fay, { type: 'text', text })).body.id);
      for (const id of ids) await whenStatus(id, 'sent');
      fay.read();
      for (const id of ids) await whenStatus(id, 'read');
      expect(bodiesOf(fay)[0]).toMatchObject({ message: { text: 'first' } });
      const long = await send<ProblemView>(fay, { type: 'text', text: 'ї'.repeat(501) });
      expect(long).toMatchObject({ status: 422, body: { code: 'content.too_long' } });
      expect(long.text).toContain('1002 bytes');
    });

    it('buttons as what they can be, and says so', async () => {
      const gus = stage.sim.pages.person(PAGE);
      gus.write('hi');
      await heard(gus, ({ text }) => text === 'hi');
      const replies = (count: number) =>
        Array.from({ length: count }, (_, index) => ({ type: 'reply', id: `c${index}`, title: `Choice ${index}` }));
      const three = await send(gus, { type: 'buttons', text: 'Which?', buttons: replies(3) });
      const five = await send(gus, { type: 'buttons', text: 'Which?', buttons: replies(5) });
      const many = await send(gus, { type: 'buttons', text: 'Which?', buttons: replies(14) });
      const place = await send(gus, { type: 'location', latitude: 49.8, longitude: 24 });
      await whenStatus(three.body.id, 'delivered');
      const answer = await send(gus, { type: 'text', text: 'quoted' }, { replyTo: three.body.id });
      expect([three, five, many, place, answer].map(({ status }) => status)).toEqual(Array(5).fill(202));
      const shown = (await reached(gus, 5)).map(({ body }) => body);
      expect(shown).toMatchObject([
        { message: { attachment: { payload: { template_type: 'button' } } } },
        { message: { text: 'Which?', quick_replies: { length: 5 } } },
        { message: { text: expect.stringContaining('14. Choice 13') } },
        { message: { text: expect.stringContaining('maps.google.com') } },
        { message: { text: 'quoted' }, reply_to: { mid: gus.received[0]?.mid } },
      ]);
      const notes = await Promise.all(
        [three, five, many, place, answer].map(
          async ({ body }) => (await messageOf(body.id))['notes'] as string[] | null,
        ),
      );
      expect(notes.map((each) => (each ?? []).join(' '))).toEqual([
        '',
        expect.stringContaining('quick replies'),
        expect.stringContaining('numbered'),
        expect.stringContaining('link to a map'),
        '',
      ]);
    });

    it('files that were brought there, and reactions', async () => {
      const hal = stage.sim.pages.person(PAGE);
      const mid = hal.write('hi');
      const { event } = await heard(hal, ({ text }) => text === 'hi');
      const options = { body: png(), headers: { 'content-type': 'image/png' } };
      const file = (await stage.patchbay.call<{ id: string }>('POST', '/media', options)).body;
      const sent = await send(hal, { type: 'image', media: { id: file.id } });
      await whenStatus(sent.body.id, 'delivered');
      expect(bodiesOf(hal)).toMatchObject([
        { message: { attachment: { type: 'image', payload: { attachment_id: expect.stringMatching(/^\d+$/) } } } },
      ]);
      await send(hal, { type: 'reaction', messageId: event.message?.id, emoji: '👍' });
      const acted = await eventually('the reaction', () =>
        Promise.resolve(
          stage.sim.pages.sent.find(({ body, person }) => person === hal.id && body['sender_action'] === 'react'),
        ),
      );
      expect(acted?.body).toMatchObject({ recipient: { id: hal.id }, payload: { message_id: mid, reaction: '👍' } });
    });

    it('once, also when the answer got lost: the echo settles it', async () => {
      const ivy = stage.sim.pages.person(PAGE);
      ivy.write('hi');
      await heard(ivy, ({ text }) => text === 'hi');
      stage.sim.faults.add({ match: { path: `/${PAGE}/messages`, nth: 1 }, do: { drop: 'after' } });
      const { id } = (await send(ivy, { type: 'text', text: 'once' })).body;
      const message = await whenStatus(id, 'delivered');
      expect(message.providerId).toBe(ivy.received[0]?.mid);
      expect(ivy.received).toHaveLength(1);
    });

    it('and are read, also when the network says so before it answers', async () => {
      const { sim, patchbay, uri } = stage;
      const url = `${patchbay.url}/chat/${uri}`;
      // no echo, and no delivery: nothing but the mark tells of the message
      sim.pages.setCallback(WORLD.appId, 'page', url, ['messages', 'message_reads']);
      const liz = sim.pages.person(PAGE);
      liz.write('hi');
      await heard(liz, ({ text }) => text === 'hi');
      sim.faults.add({ match: { path: `/${PAGE}/messages`, nth: 1 }, do: { withholdAnswer: true } });
      const { id } = (await send(liz, { type: 'text', text: 'seen at once' })).body;
      await reached(liz, 1);
      liz.read();
      liz.write('seen');
      await heard(liz, ({ text }) => text === 'seen');
      expect((await messageOf(id)).status).toBe('sending');
      sim.releaseAnswers();
      const message = await whenStatus(id, 'read');
      expect(statusesOf(message)).toEqual(expect.arrayContaining(['accepted', 'read']));
      sim.pages.setCallback(WORLD.appId, 'page', url, [...FIELDS.page]);
    });

    it('after the window only what a human wrote, and marked as that', async () => {
      const jan = stage.sim.pages.person(PAGE);
      const { dialog } = await wroteAgo(stage, jan, 25 * HOUR_MS);
      expect(dialog.window.state).toBe('closed');
      const refused = await send<ProblemView>(jan, { type: 'text', text: 'late' });
      expect(refused).toMatchObject({ status: 422, body: { code: 'window.closed' } });
      expect(refused.text).toContain('7 days');
      expect((await send(jan, { type: 'text', text: 'late' }, { author: 'robot' })).status).toBe(400);
      const sent = await send(jan, { type: 'text', text: 'late, by Olha' }, { author: 'human' });
      expect(await whenStatus(sent.body.id, 'delivered')).toMatchObject({ author: 'human' });
      expect(bodiesOf(jan)).toMatchObject([{ messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }]);
      jan.profile.actedAt = Date.now() - 8 * 24 * HOUR_MS;
      const again = await send(jan, { type: 'text', text: 'too late' }, { author: 'human' });
      expect(await whenStatus(again.body.id, 'failed')).toMatchObject({
        error: { code: 'window.closed', provider: { code: 10, subcode: 2018278 } },
      });
    });

    it('and a native action, which is no message', async () => {
      const lea = stage.sim.pages.person(PAGE);
      lea.write('hi');
      await heard(lea, ({ text }) => text === 'hi');
      const content = { type: 'native', channel: 'facebook', payload: { sender_action: 'typing_off' } };
      const { id } = (await send(lea, content)).body;
      await whenStatus(id, 'accepted');
      expect([lea.actions, lea.received]).toEqual([['typing_off'], []]);
    });

    it('to nobody who blocks the page, and says so', async () => {
      const kim = stage.sim.pages.person(PAGE);
      kim.write('hi');
      await heard(kim, ({ text }) => text === 'hi');
      kim.profile.blocks = true;
      const sent = await send(kim, { type: 'text', text: 'hello?' });
      const failed = await whenStatus(sent.body.id, 'failed');
      expect(failed.error).toMatchObject({ code: 'recipient.unreachable', provider: { code: 551, subcode: 1545041 } });
    });
  });

  describe('show', () => {
    const show = (sign: 'read' | 'typing', dialog: string) =>
      stage.patchbay.call<ProblemView>('POST', `/dialogs/${dialog}/${sign}`);
    const dialogOf = async (person: PagePerson, text: string) => {
      const mid = person.write(text);
      return { mid, id: (await heard(person, (message) => message.text === text)).event.dialog.id };
    };

    it.each([
      ['a page', PAGE],
      ['an Instagram account', INSTAGRAM],
    ])('what %s has read, and that it is writing', async (_, account) => {
      const mia = stage.sim.pages.person(account);
      const { id, mid } = await dialogOf(mia, 'anybody?');
      for (const sign of ['read', 'typing'] as const) {
        const { status, body } = await show(sign, id);
        expect([status, body]).toMatchObject([200, { message: { providerId: mid } }]);
      }
      expect([mia.actions, mia.received]).toEqual([['mark_seen', 'typing_on'], []]);
    });

    it('by themselves what the bot has taken, and a refusal harms nobody', async () => {
      const { patchbay, sim, uri } = stage;
      const setAutoRead = (auto_read: 'on' | 'off') =>
        patchbay.call('PATCH', `/gateways/${uri}`, { body: { metadata: { auto_read } } });
      expect((await setAutoRead('on')).status).toBe(200);
      const [nia, oli] = [sim.pages.person(PAGE), sim.pages.person(INSTAGRAM)];
      await dialogOf(nia, 'one');
      await sim.until(() => nia.actions.length === 1);
      sim.faults.add({ match: { path: `/${PAGE}/messages`, times: 1 }, do: { error: { code: 2 } } });
      await dialogOf(nia, 'two');
      await dialogOf(oli, 'three');
      await sim.until(() => oli.actions.length === 1);
      await dialogOf(nia, 'four');
      await sim.until(() => nia.actions.length === 2);
      expect([...nia.actions, ...oli.actions]).toEqual(Array(3).fill('mark_seen'));
      expect((await setAutoRead('off')).status).toBe(200);
    });

    it('nothing where Meta refuses it, or a week has passed, and say why', async () => {
      const { pages, faults } = stage.sim;
      const pam = pages.person(PAGE);
      const { id } = await dialogOf(pam, 'hi');
      const closed = { code: 10, subcode: 2018278, message: '(#10) This message is sent outside of allowed window.' };
      faults.add({ match: { path: `/${PAGE}/messages`, times: 1 }, do: { error: closed } });
      expect(await show('typing', id)).toMatchObject({
        status: 422,
        body: { code: 'window.closed', detail: expect.stringContaining('allowed window'), provider: { code: 10 } },
      });
      pam.profile.blocks = true;
      expect(await show('read', id)).toMatchObject({ status: 422, body: { code: 'recipient.unreachable' } });
      const ray = pages.person(PAGE);
      const { dialog } = await wroteAgo(stage, ray, 7 * 24 * HOUR_MS + 1);
      const old = await show('read', dialog.id);
      expect([old.status, old.body]).toMatchObject([
        422,
        { code: 'presence.too_old', detail: expect.stringContaining('7 days') },
      ]);
      expect([...pam.actions, ...ray.actions]).toEqual([]);
    });
  });
});
