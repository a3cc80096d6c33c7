import type { PagePerson } from '../../src/simulator/pages/person.js';
import type { BotEvent } from './bot.js';
import { type Stage, type StageOptions, WORLD, gatewayBody, openStage } from './stage.js';

/** Who has a role on the pages: its token finds them. */
export const OWNER = 'EAAOwnerOfThePages';
export const PAGE = '110000000000001';
export const OTHER = '110000000000002';
/** The account that belongs to the first of them. */
export const INSTAGRAM = '17841400000000001';

const SCOPES = ['pages_show_list', 'pages_messaging', 'pages_manage_metadata', 'business_management'];

/** What the app hears of. */
export const FIELDS = {
  page: [
    ...['messages', 'messaging_postbacks', 'messaging_optins', 'messaging_referrals', 'message_deliveries'],
    ...['message_reads', 'message_echoes', 'message_reactions', 'message_edits', 'messaging_handovers', 'standby'],
  ],
  instagram: [
    ...['messages', 'messaging_postbacks', 'messaging_optins', 'messaging_reactions', 'messaging_referrals'],
    'messaging_seen',
  ],
} as const;

/** A stage with two pages and an Instagram account at Meta, and a gateway whose token finds them; nothing is set up or active yet. */
export async function openPages(options: StageOptions = {}): Promise<Stage> {
  const stage = await openStage(options);
  const { sim, uri } = stage;
  sim.world.addToken({ token: OWNER, scopes: SCOPES });
  sim.pages.add({ id: PAGE, name: 'Acme', instagram: { id: INSTAGRAM, username: 'acme.shop', name: 'Acme' } });
  sim.pages.add({ id: OTHER, name: 'Acme Outlet' });
  const url = `${stage.patchbay.url}/chat/${uri}`;
  for (const object of ['page', 'instagram'] as const) {
    sim.pages.setCallback(WORLD.appId, object, url, [...FIELDS[object]]);
  }
  const body = gatewayBody(stage, { metadata: { facebook_token: OWNER } });
  const { status, text } = await stage.patchbay.call('POST', '/gateways', { body });
  if (status !== 201) throw new Error(`the gateway was not created: ${status} ${text}`);
  return stage;
}

/** The first page and its Instagram account are active. */
export async function engagePages({ patchbay, uri }: Stage): Promise<void> {
  for (const command of [`pages=setup`, `pages=subscribe&id=${PAGE}`, 'instagram=setup', 'instagram=subscribe']) {
    const answer = await patchbay.command(uri, command);
    if (answer.status !== 200) throw new Error(`${command} failed: ${answer.status} ${answer.text}`);
  }
}

/** Resolves with what the bot hears of a message of this person. */
export async function heard(
  { bot }: Stage,
  person: PagePerson,
  fits: (message: NonNullable<BotEvent['message']>) => boolean,
) {
  return bot.waitFor(
    ({ type, contact, message }) =>
      type === 'message.received' && contact.userId === person.id && message !== undefined && fits(message),
  );
}

/** Something that they wrote so long ago, told only now: the window is as old as that. */
export async function wroteAgo(stage: Stage, person: PagePerson, ms: number): Promise<BotEvent> {
  const { pages } = stage.sim;
  const { object, account } = person.profile;
  const timestamp = Date.now() - ms;
  const mid = pages.nextMid();
  person.profile.actedAt = timestamp;
  const message = { mid, text: `of ${ms} ms ago` };
  await Promise.all(pages.emit(object, account, 'messages', { ...person.ends(false), timestamp, message }));
  return (await heard(stage, person, ({ providerId }) => providerId === mid)).event;
}
