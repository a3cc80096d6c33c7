import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TELEGRAM_BOT } from '../../src/simulator/telegram/simulator.js';
import type { BotEvent } from '../support/bot.js';
import { png, voiceNote } from '../support/files.js';
import { eventually } from '../support/patchbay.js';
import { type MessageView, type ProblemView, statusesOf } from '../support/scene.js';
import { TelegramScene } from '../support/telegram.js';

interface Uploaded {
  readonly id: string;
  readonly url: string;
}

describe('a Telegram bot', () => {
  let scene: TelegramScene;
  const texts = (list: readonly { readonly message: { readonly [key: string]: unknown } }[]) =>
    list.map(({ message }) => message['text']);
  const idOf = (chat: number, message: Record<string, unknown>): string => `${chat}:${String(message['message_id'])}`;
  const received = ({ event }: { event: BotEvent }) => event.message as NonNullable<BotEvent['message']>;

  beforeAll(async () => {
    scene = await TelegramScene.open();
  });

  afterAll(() => scene.close());

  async function upload(bytes: Buffer, type: string, query = ''): Promise<Uploaded> {
    const options = { body: bytes, headers: { 'content-type': type } };
    return (await scene.patchbay.call<Uploaded>('POST', `/media${query}`, options)).body;
  }

  describe('is set up', () => {
    it('only with a token that Telegram knows', async () => {
      const malformed = await scene.patchbay.call<ProblemView>('POST', '/gateways', {
        body: scene.body({ token: 'x' }),
      });
      expect(malformed).toMatchObject({ status: 400, text: expect.stringContaining('must look like 123456789:AAE') });
      const dead = scene.body({ token: '7012345678:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' });
      const refused = await scene.patchbay.call<ProblemView>('POST', '/gateways', { body: dead });
      expect([refused.status, refused.body.code]).toEqual([422, 'telegram.token.invalid']);
      expect(refused.text).not.toContain('AAAAAAAA');
    });

    it('by setup and subscribe, with a secret that nobody sees', async () => {
      const created = await scene.patchbay.call('POST', '/gateways', { body: scene.body() });
      expect(created).toMatchObject({ status: 201, body: { status: 'ok', type: 'telegram' } });
      expect(created.text).not.toContain(TELEGRAM_BOT.token);
      const bot = { id: '7012345678', name: 'Acme', username: 'acme_bot', link: 'https://t.me/acme_bot' };
      expect((await scene.command('telegram=setup')).body).toEqual([{ ...bot, active: false }]);
      expect(scene.sim.webhook).toBeNull();
      const subscribed = await scene.command('telegram=subscribe');
      expect(subscribed.body).toEqual([
        { ...bot, active: true, allowed_updates: expect.arrayContaining(['callback_query', 'my_chat_member']) },
      ]);
      expect(scene.sim.webhook).toMatchObject({
        url: `${scene.patchbay.url}/chat/${scene.uri}`,
        secret: expect.stringMatching(/^[\w-]{32}$/),
        updates: expect.arrayContaining(['message', 'message_reaction']),
      });
      expect(created.text).not.toContain(scene.sim.webhook?.secret ?? '');
      expect((await scene.command('telegram=search&id=7012345678')).body).toEqual(subscribed.body);
      expect((await scene.command('telegram=Setup')).status).toBe(400);
    });

    it('and takes webhooks from nobody else', async () => {
      const post = (headers: Record<string, string>) =>
        fetch(`${scene.patchbay.url}/chat/${scene.uri}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ update_id: 1, message: {} }),
        });
      const forged = await post({ 'x-telegram-bot-api-secret-token': 'guessed' });
      expect([forged.status, await forged.json()]).toMatchObject([401, { code: 'webhook.signature.invalid' }]);
      const unsigned = await post({});
      expect([unsigned.status, await unsigned.json()]).toMatchObject([401, { code: 'webhook.signature.missing' }]);
    });
  });

  describe('is written to', () => {
    it('by a deep link, and answers', async () => {
      const ann = scene.sim.person({ first_name: 'Ann', last_name: 'Lee', username: 'annlee' });
      scene.bot.answer = ({ event }) =>
        event.contact.userId === String(ann.id)
          ? { body: { replies: [{ type: 'text', text: 'Welcome' }] } }
          : undefined;
      const start = ann.start('spring-2026');
      const call = await scene.hear(ann.id, 'text');
      expect(call.event).toMatchObject({
        channel: 'telegram',
        account: { id: '7012345678', name: 'Acme' },
        contact: { name: 'Ann Lee', username: 'annlee', userId: String(ann.id) },
        dialog: { isNew: true, window: { state: 'open' } },
        variables: {
          chat: 'telegram',
          user: String(ann.id),
          from: 'Ann Lee',
          username: 'annlee',
          ref: 'spring-2026',
          'telegram.bot': '7012345678',
        },
        message: {
          providerId: idOf(ann.id, start),
          text: '/start spring-2026',
          referral: { source: 'deep_link', ref: 'spring-2026' },
        },
      });
      const answer = await ann.next(({ message }) => message['text'] === 'Welcome');
      const sent = await eventually('the accepted answer', async () => {
        const path = `/dialogs/${call.event.dialog.id}/messages`;
        const [newest] = (await scene.patchbay.call<{ items: MessageView[] }>('GET', path)).body.items;
        return newest?.status === 'accepted' && newest;
      });
      expect(sent.providerId).toBe(idOf(ann.id, answer.message));
      // the reference stays with the dialog, the name follows the person
      scene.bot.answer = () => undefined;
      ann.write('and more');
      const later = await scene.hear(ann.id, 'text', ({ text }) => text === 'and more');
      expect(later.event.variables).toMatchObject({ ref: 'spring-2026', username: 'annlee' });
    });

    it('with files, which are fetched by their ids', async () => {
      const bob = scene.sim.person();
      const [picture, voice] = [png(), voiceNote()];
      bob.write({ photo: scene.sim.file('photo', picture, 'image/jpeg'), caption: 'A cat' });
      const heard = received(await scene.hear(bob.id, 'image'));
      expect(heard.content).toMatchObject({ caption: 'A cat', media: { state: 'pending', size: picture.length } });
      const media = heard.content?.['media'] as { readonly url: string };
      const bytes = await eventually('the file', async () => {
        const response = await fetch(media.url);
        return response.status === 200 && Buffer.from(await response.arrayBuffer());
      });
      expect(bytes).toEqual(picture);
      bob.write({ voice: scene.sim.file('voice', voice, 'audio/ogg') });
      expect(received(await scene.hear(bob.id, 'audio')).content).toMatchObject({ voice: true });
      expect(scene.patchbay.logLines.join('\n')).not.toContain(TELEGRAM_BOT.token.split(':')[1]);
    });

    it('by buttons, and lets the button go', async () => {
      const cid = scene.sim.person();
      cid.start();
      await scene.hear(cid.id, 'text');
      const asked = await scene.send(cid.id, {
        type: 'buttons',
        text: 'Tea?',
        header: 'Hm',
        buttons: [
          { type: 'reply', id: 'yes', title: 'Yes please' },
          { type: 'reply', title: 'No' },
          { type: 'url', title: 'Menu', url: 'https://tea.example' },
        ],
      });
      expect(asked['notes']).toEqual(['There is no place for the header: it moved into the text.']);
      const { message } = await cid.next();
      expect(message).toMatchObject({
        text: 'Hm\n\nTea?',
        reply_markup: {
          inline_keyboard: [
            [{ text: 'Yes please', callback_data: 'yes' }],
            [{ text: 'No', callback_data: 'No' }],
            [{ text: 'Menu', url: 'https://tea.example' }],
          ],
        },
      });
      const callback = cid.press(message, 'yes');
      const choice = received(await scene.hear(cid.id, 'choice'));
      expect(choice).toMatchObject({
        content: { id: 'yes', title: 'Yes please', of: 'button' },
        replyTo: { id: asked.id, providerId: idOf(cid.id, message) },
      });
      await scene.sim.until(() => !scene.sim.isWaiting(callback));
    });

    it('once, however often Telegram says so', async () => {
      const dan = scene.sim.person();
      dan.start();
      const update = dan.react(dan.write('hello'), '👍');
      const first = await scene.hear(dan.id, 'reaction');
      scene.sim.repeat(update);
      dan.write('last');
      await scene.hear(dan.id, 'text', ({ text }) => text === 'last');
      const all = scene.bot.events.filter(({ contact, message }) => contact.userId === String(dan.id) && message);
      expect(all.map(({ message }) => message?.content?.type)).toEqual(['text', 'text', 'reaction', 'text']);
      expect(first.event.message?.content).toMatchObject({ emoji: '👍', messageId: all[1]?.message?.id });
    });

    it('in second thoughts', async () => {
      const eve = scene.sim.person();
      const first = eve.write('at 8');
      const heard = received(await scene.hear(eve.id, 'text'));
      eve.edit(first, 'at 9');
      const edit = received(await scene.hear(eve.id, 'edit'));
      expect(edit.content).toEqual({ type: 'edit', messageId: heard.id, content: { type: 'text', text: 'at 9' } });
    });
  });

  describe('writes', () => {
    it('files of ours with the message, files of Telegram’s by their ids, and links', async () => {
      const ann = scene.sim.person();
      ann.start();
      const bytes = png();
      const file = await upload(bytes, 'image/png', '?filename=cat.png');
      await scene.send(ann.id, { type: 'image', media: { id: file.id }, caption: 'Ours' });
      const photo = await ann.next(({ method }) => method === 'sendPhoto');
      expect(photo).toMatchObject({ bytes, message: { caption: 'Ours' } });
      const [{ file_id: fileId }] = photo.message['photo'] as [{ file_id: string }];
      await scene.send(ann.id, { type: 'image', media: { id: fileId }, caption: 'Again' });
      expect(await ann.next(({ message }) => message['caption'] === 'Again')).toMatchObject({ bytes });
      // once there, it need not travel again; as another kind, it does; and when Telegram has forgotten it
      const bob = scene.sim.person();
      bob.start();
      const usesOfPhoto = () =>
        scene.sim.calls.flatMap(({ method, params }) => (method === 'sendPhoto' ? [params['photo']] : []));
      await eventually('that the id is on record', async () => {
        const { id } = await scene.send(bob.id, { type: 'image', media: { id: file.id } });
        await scene.until(id, ({ status }) => status === 'accepted');
        return usesOfPhoto().at(-1) === fileId;
      });
      await scene.send(bob.id, { type: 'document', media: { id: file.id } });
      expect(await bob.next(({ method }) => method === 'sendDocument')).toMatchObject({ bytes });
      const error = { code: 400, description: 'Bad Request: wrong file identifier/HTTP URL specified' };
      scene.sim.fault({ match: { method: 'sendPhoto', chat: bob.id }, do: { error } });
      const again = await scene.send(bob.id, { type: 'image', media: { id: file.id }, caption: 'Anew' });
      expect(await bob.next(({ message }) => message['caption'] === 'Anew')).toMatchObject({ bytes });
      const { attempts } = await scene.until(again.id, ({ status }) => status === 'accepted');
      expect(attempts.map(({ status }) => status)).toEqual(['refused', 'accepted']);
      expect(usesOfPhoto().slice(-2)).toEqual([fileId, undefined]);
      const paper = await upload(Buffer.from('a,b\n'), 'text/csv', '?filename=zähler.csv');
      await scene.send(ann.id, { type: 'document', media: { id: paper.id } });
      const document = await ann.next(({ method }) => method === 'sendDocument');
      expect(document.message['document']).toMatchObject({ file_name: 'zähler.csv', mime_type: 'text/csv' });
      await scene.send(ann.id, { type: 'video', media: { url: 'https://files.example/v.mp4' } });
      await ann.next(({ method }) => method === 'sendVideo');
      const wrong = await scene.send(ann.id, { type: 'document', media: { id: fileId } });
      expect(await scene.until(wrong.id, ({ status }) => status === 'failed')).toMatchObject({
        error: { code: 'media.invalid', provider: { code: '400.file' } },
      });
    });

    it('places, people, reactions, quotes, requests, and what only Telegram knows', async () => {
      const bob = scene.sim.person();
      const first = bob.write('hi');
      const { id } = received(await scene.hear(bob.id, 'text'));
      await scene.send(bob.id, {
        type: 'location',
        latitude: 50.45,
        longitude: 30.52,
        name: 'Office',
        address: 'Main St',
      });
      await scene.send(bob.id, {
        type: 'contacts',
        contacts: [{ name: { formatted_name: 'Ann Lee', first_name: 'Ann' }, phones: [{ phone: '+16505551234' }] }],
      });
      const reaction = await scene.send(bob.id, { type: 'reaction', messageId: id, emoji: '🔥' });
      await scene.send(bob.id, 'yes', { replyTo: id });
      await scene.send(bob.id, {
        type: 'buttons',
        text: 'Your number?',
        buttons: [{ type: 'phone', title: 'Share it' }],
      });
      await scene.send(bob.id, {
        type: 'native',
        channel: 'telegram',
        payload: { method: 'sendPoll', question: 'Tea?', options: [{ text: 'Yes' }, { text: 'No' }] },
      });
      await bob.next(({ method }) => method === 'sendPoll');
      expect(bob.received.map(({ method }) => method)).toEqual([
        'sendVenue',
        'sendContact',
        'setMessageReaction',
        'sendMessage',
        'sendMessage',
        'sendPoll',
      ]);
      const [venue, , thought, quote, request] = bob.received;
      expect(venue?.message).toMatchObject({ venue: { title: 'Office', address: 'Main St' } });
      expect(thought?.message).toMatchObject({ message_id: first['message_id'], reaction: [{ emoji: '🔥' }] });
      expect((await scene.message(reaction.id)).status).toBe('accepted');
      expect(quote?.message).toMatchObject({ reply_to_message: { text: 'hi' } });
      expect(request?.message['reply_markup']).toMatchObject({ keyboard: [[{ request_contact: true }]] });
    });

    it.each<[string, object, string]>([
      ['a text of 4,097', { type: 'text', text: 'x'.repeat(4097) }, 'content.too_long'],
      ['a caption of 1,025', { type: 'image', media: { id: 'a' }, caption: 'x'.repeat(1025) }, 'content.too_long'],
      [
        'an id of 65 bytes',
        { type: 'buttons', text: 'x', buttons: [{ type: 'reply', id: 'x'.repeat(65), title: 'a' }] },
        'content.too_long',
      ],
      ['a template', { type: 'template', name: 'a', language: 'en' }, 'content.unsupported'],
      [
        'a method about the bot',
        { type: 'native', channel: 'telegram', payload: { method: 'logOut' } },
        'content.unsupported',
      ],
    ])('not what Telegram would refuse: %s', async (_, content, code) => {
      const { status, body } = await scene.post<ProblemView>({ userId: '5000000001' }, content);
      expect([status, body.code]).toEqual([422, code]);
    });

    it('to nobody by phone', async () => {
      const refused = await scene.post<ProblemView>({ phone: '+16505551234' }, { type: 'text', text: 'hi' });
      expect([refused.status, refused.body.code]).toEqual([422, 'recipient.user_id_required']);
    });

    it('lists as buttons, and says so', async () => {
      const cid = scene.sim.person();
      cid.start();
      const rows = [
        { id: 'tea', title: 'Tea', description: 'green' },
        { id: 'milk', title: 'Milk' },
      ];
      const sent = await scene.send(cid.id, {
        type: 'list',
        text: 'Pick',
        button: 'Menu',
        sections: [{ title: 'Drinks', rows }],
      });
      expect(sent['notes']).toEqual([
        'A list cannot be shown (it would have opened with "Menu"): it became buttons.',
        'Section titles and descriptions moved into the text.',
      ]);
      expect((await cid.next()).message).toMatchObject({
        text: 'Pick\n\nDrinks\nTea – green',
        reply_markup: { inline_keyboard: [[{ callback_data: 'tea' }], [{ callback_data: 'milk' }]] },
      });
    });
  });

  it('keeps the pace of people, groups and Telegram as a whole', async () => {
    const [ann, group] = [scene.sim.person(), scene.sim.group('Slow')];
    const others = Array.from({ length: 36 }, () => scene.sim.person());
    for (const person of [ann, ...others]) person.start();
    group.write(ann, 'hi');
    await scene.hear(group.id, 'text');
    const to = [...Array.from({ length: 5 }, () => [ann.id, group.id]).flat(), ...others.map(({ id }) => id)];
    const messages = to.map((id, at) => ({
      gateway: scene.uri,
      to: { userId: String(id) },
      content: { type: 'text', text: `pace ${at}` },
    }));
    const { status } = await scene.patchbay.call('POST', '/messages/batch', { body: { messages } });
    expect(status).toBe(202);
    const isPaced = ({ params }: { params: Record<string, unknown> }) => String(params['text']).startsWith('pace ');
    const sent = () => scene.sim.calls.filter((call) => call.method === 'sendMessage' && isPaced(call));
    await scene.sim.until(() => sent().length === messages.length);
    expect(sent().filter(({ status: answered }) => answered !== 200)).toEqual([]);
    const spans = (chat?: number, most = 1) => {
      const times = sent().flatMap(({ at, params }) => (chat === undefined || params['chat_id'] === chat ? [at] : []));
      return times.slice(most).map((at, index) => at - (times[index] ?? 0));
    };
    // whatever 31 messages follow one another, more than a second lies between the first and the last
    expect(Math.min(...spans(undefined, 30))).toBeGreaterThan(1_000);
    expect(Math.min(...spans(ann.id, 3))).toBeGreaterThanOrEqual(900);
    expect(Math.min(...spans(group.id, 3))).toBeGreaterThanOrEqual(3_400);
  });

  describe('is refused', () => {
    it('for a moment: it waits as long as Telegram says, and others of the bot do too', async () => {
      const [ann, bob] = [scene.sim.person(), scene.sim.person()];
      ann.start();
      bob.start();
      const error = { code: 429, description: 'Too Many Requests: retry after 3', parameters: { retry_after: 3 } };
      scene.sim.fault({ match: { method: 'sendMessage', chat: ann.id }, do: { error } });
      const slow = await scene.send(ann.id, 'first');
      await scene.send(ann.id, 'second');
      const held = await scene.until(slow.id, (message) => message.held !== undefined);
      const until = Date.parse(held.held?.until ?? '');
      const refusedAt = scene.sim.calls.findLast(({ status }) => status === 429)?.at ?? 0;
      expect(until - refusedAt).toBeGreaterThanOrEqual(2_900);
      await scene.send(bob.id, 'other');
      await bob.next();
      await ann.next(({ message }) => message['text'] === 'second');
      expect(texts(ann.received)).toEqual(['first', 'second']);
      const sends = scene.sim.calls.filter(
        ({ method, params }) => method === 'sendMessage' && params['text'] !== undefined,
      );
      const after = sends.filter(
        ({ at, params }) => at > refusedAt && ['first', 'other'].includes(String(params['text'])),
      );
      expect(after.map(({ at }) => at - refusedAt >= 2_900)).toEqual(after.map(() => true));
    });

    it('by who has blocked it, until they come back', async () => {
      const cid = scene.sim.person();
      cid.start();
      await scene.hear(cid.id, 'text');
      cid.block();
      const to = { userId: String(cid.id) };
      const content = { type: 'text', text: 'psst' };
      await eventually('the refusal', async () => (await scene.post(to, content)).status === 422);
      const refused = await scene.post<ProblemView>(to, content);
      expect(refused.body.code).toBe('recipient.unreachable');
      const explained = await scene.patchbay.call('POST', '/messages/explain', {
        body: { gateway: scene.uri, to, content },
      });
      expect(explained.body).toMatchObject({ verdict: 'reject', reasons: [{ code: 'recipient.unreachable' }] });
      cid.unblock();
      await eventually('that they are back', async () => (await scene.post(to, content)).status === 202);
      await cid.next(({ message }) => message['text'] === 'psst');
    });

    it('by who has blocked it unseen, which the answer says', async () => {
      const dan = scene.sim.person();
      dan.start();
      await scene.hear(dan.id, 'text');
      const error = { code: 403, description: 'Forbidden: bot was blocked by the user' };
      scene.sim.fault({ match: { chat: dan.id }, do: { error } });
      const failed = await scene.until((await scene.send(dan.id, 'hi')).id, ({ status }) => status === 'failed');
      expect(failed.error).toMatchObject({ code: 'recipient.unreachable', provider: { code: '403.blocked' } });
      expect((await scene.post({ userId: String(dan.id) }, { type: 'text', text: 'hi' })).status).toBe(422);
      dan.write('I am back');
      await scene.hear(dan.id, 'text', ({ text }) => text === 'I am back');
      expect((await scene.post({ userId: String(dan.id) }, { type: 'text', text: 'good' })).status).toBe(202);
    });

    it('by a stranger, whom no bot may write to first', async () => {
      const eve = scene.sim.person();
      const failed = await scene.until((await scene.send(eve.id, 'hi')).id, ({ status }) => status === 'failed');
      expect(failed.error).toMatchObject({ code: 'recipient.unreachable', provider: { code: '403.not_started' } });
    });

    it('in doubt: what is not known fails, and is not sent twice', async () => {
      const fay = scene.sim.person();
      fay.start();
      await scene.hear(fay.id, 'text');
      scene.sim.fault({ match: { chat: fay.id }, do: { drop: 'after' } });
      const failed = await scene.until((await scene.send(fay.id, 'once')).id, ({ status }) => status === 'failed');
      expect(failed.error?.code).toBe('outcome.unknown');
      expect(texts(fay.received)).toEqual(['once']);
    });
  });

  describe('shows', () => {
    const show = (sign: 'read' | 'typing', dialog: string) =>
      scene.patchbay.call<ProblemView>('POST', `/dialogs/${dialog}/${sign}`);

    it('that an answer is being written, and says that there is no mark of reading', async () => {
      const gil = scene.sim.person();
      const message = gil.write('are you there?');
      const { dialog } = (await scene.hear(gil.id, 'text')).event;
      const typing = await show('typing', dialog.id);
      expect([typing.status, typing.body]).toMatchObject([200, { message: { providerId: idOf(gil.id, message) } }]);
      expect([gil.actions, gil.received]).toEqual([['typing'], []]);
      const read = await show('read', dialog.id);
      expect([read.status, read.body.code]).toEqual([422, 'presence.unsupported']);
      expect(read.body.detail).toContain('POST /dialogs/:id/typing');
      expect(gil.actions).toEqual(['typing']);
    });

    it('it in a group as well', async () => {
      const [hal, group] = [scene.sim.person(), scene.sim.group('Tea')];
      group.write(hal, 'who pours?');
      const { dialog } = (await scene.hear(group.id, 'text')).event;
      expect((await show('typing', dialog.id)).status).toBe(200);
      expect([group.actions, hal.actions]).toEqual([['typing'], []]);
    });

    it('nothing to who has blocked it, and says why', async () => {
      const ida = scene.sim.person();
      ida.write('hi');
      const { dialog } = (await scene.hear(ida.id, 'text')).event;
      const error = { code: 403, description: 'Forbidden: bot was blocked by the user' };
      scene.sim.fault({ match: { method: 'sendChatAction', chat: ida.id }, do: { error } });
      const refused = await show('typing', dialog.id);
      expect([refused.status, refused.body]).toMatchObject([
        422,
        {
          code: 'presence.refused',
          detail: expect.stringContaining('blocked by the user'),
          provider: { code: '403.blocked' },
        },
      ]);
      scene.sim.fault({ match: { method: 'sendChatAction', chat: ida.id }, do: { drop: 'after' } });
      expect(await show('typing', dialog.id)).toMatchObject({ status: 502, body: { code: 'provider.unreachable' } });
      expect((await show('typing', dialog.id)).status).toBe(200);
    });
  });

  describe('in a group', () => {
    it('talks to all of them, knows who wrote, and follows the group to its new id', async () => {
      const ann = scene.sim.person({ first_name: 'Ann', username: 'ann_g' });
      const group = scene.sim.group('Lunch');
      group.write(ann, 'who is in?');
      const heard = await scene.hear(group.id, 'text');
      expect(heard.event).toMatchObject({
        contact: { userId: String(group.id), name: 'Lunch' },
        message: { author: { userId: String(ann.id), name: 'Ann', username: 'ann_g' } },
      });
      await scene.send(group.id, 'me');
      await group.next();
      const { dialog } = heard.event;
      const after = group.upgrade(ann);
      await scene.hear(after.id, 'system', ({ event }) => event === 'group_migrated');
      after.write(ann, 'still here');
      const later = await scene.hear(after.id, 'text');
      expect(later.event).toMatchObject({ dialog: { id: dialog.id }, contact: { id: heard.event.contact.id } });
      const sent = await scene.patchbay.call<MessageView>('POST', `/dialogs/${dialog.id}/messages`, {
        body: { content: { type: 'text', text: 'good' } },
      });
      await after.next(({ message }) => message['text'] === 'good');
      expect(statusesOf(await scene.until(sent.body.id, ({ status }) => status === 'accepted'))).toContain('accepted');
      // what still names the old id arrives, too
      await scene.send(group.id, 'late');
      await after.next(({ message }) => message['text'] === 'late');
      const contacts = new Set(
        scene.bot.events.filter(({ contact }) => contact.name === 'Lunch').map(({ contact }) => contact.id),
      );
      expect(contacts.size).toBe(1);
    });

    it('waits for a group alone when that is too fast, and is out when it is kicked', async () => {
      const [ann, group] = [scene.sim.person(), scene.sim.group('Fast')];
      group.write(ann, 'hi');
      await scene.hear(group.id, 'text');
      const error = { code: 429, description: 'Too Many Requests: retry after 2', parameters: { retry_after: 2 } };
      scene.sim.fault({ match: { chat: group.id }, do: { error } });
      const slow = await scene.send(group.id, 'slow');
      const held = await scene.until(slow.id, (message) => message.held !== undefined);
      expect(held.held?.reason).toBe('pair');
      ann.start();
      await scene.send(ann.id, 'free');
      await ann.next();
      expect((await scene.message(slow.id)).status).toBe('held');
      await group.next(({ message }) => message['text'] === 'slow');
      group.kick(ann);
      const to = { userId: String(group.id) };
      await eventually('the refusal', async () => (await scene.post(to, { type: 'text', text: 'x' })).status === 422);
    });
  });

  describe('ends', () => {
    it('with its token: what was taken is held, and goes with a new one', async () => {
      const ann = scene.sim.person();
      ann.start();
      await scene.hear(ann.id, 'text');
      scene.sim.revokeToken();
      const held = await scene.until((await scene.send(ann.id, 'later')).id, (message) => message.held !== undefined);
      expect(held.held?.reason).toBe('gateway');
      const gateways = await scene.patchbay.call<{ items: { id: string; status: string; reason?: string }[] }>(
        'GET',
        '/gateways',
      );
      const [gateway] = gateways.body.items;
      expect(gateway).toMatchObject({ status: 'parked', reason: expect.stringContaining('401') });
      scene.sim.revokeToken(false);
      await scene.patchbay.call('PATCH', `/gateways/${gateway?.id}`, {
        body: { metadata: { token: TELEGRAM_BOT.token } },
      });
      await ann.next(({ message }) => message['text'] === 'later');
    });

    it('by unsubscribe, which leaves another’s webhook alone, and remove', async () => {
      const { url } = scene.sim;
      const setWebhook = (target: string) =>
        fetch(`${url}/bot${TELEGRAM_BOT.token}/setWebhook?url=${encodeURIComponent(target)}`);
      await setWebhook('https://other.example/hook');
      expect((await scene.command('telegram=unsubscribe')).body).toMatchObject([{ active: false }]);
      expect(scene.sim.webhook?.url).toBe('https://other.example/hook');
      expect((await scene.command('telegram=subscribe')).body).toMatchObject([
        { active: true, warning: expect.stringContaining('https://other.example') },
      ]);
      await scene.command('telegram=unsubscribe&id=7012345678');
      expect(scene.sim.webhook).toBeNull();
      expect((await scene.command('telegram=remove')).status).toBe(400);
      await scene.command('telegram=subscribe');
      expect((await scene.command('telegram=remove&id=7012345678')).status).toBe(200);
      expect(scene.sim.webhook).toBeNull();
      expect((await scene.command('telegram=search')).body).toEqual([]);
    });
  });
});
