import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountHolds } from '../../src/delivery/admission/account-holds.service.js';
import { Archipelago, type Island, type MessageView, contentOf } from '../support/archipelago.js';
import { eventually } from '../support/patchbay.js';

const REACHED = ['accepted', 'sent', 'delivered', 'read'];
const PAYMENT = 131_042;
const UNREGISTERED = 133_010;

/** What ends the hold of an account before its hour is over. Every way must let go what was held, once, and by itself. */
describe('an account that is held until somebody has mended the cause', () => {
  let world: Archipelago;

  beforeAll(async () => {
    world = await Archipelago.open();
  }, 180_000);

  afterAll(() => world.close());

  /** An island whose first number met the code: a message that was refused, and one behind it that was not even tried. */
  async function held(code: number): Promise<{ island: Island; waiting: readonly string[] }> {
    const island = await world.island();
    const [person, other] = [world.person(), world.person()];
    world.sim.faults.add({ match: { path: '/messages', to: person.phone, times: 1 }, do: { error: { code } } });
    const { id } = await island.send({ to: person, content: contentOf('utility') });
    await island.until(id, 'a hold', ({ status }) => status === 'held', 60_000);
    const next = await island.send({ to: other, content: contentOf('utility') });
    const { held: why } = await island.until(next.id, 'a hold', ({ status }) => status === 'held', 60_000);
    expect(why).toMatchObject({ reason: 'account', detail: expect.stringContaining(String(code)) });
    expect(why?.until).toEqual(expect.any(String));
    return { island, waiting: [id, next.id] };
  }

  const reached = ({ status }: MessageView): boolean => REACHED.includes(status);

  async function resumes({ island, waiting }: { island: Island; waiting: readonly string[] }): Promise<void> {
    for (const id of waiting) {
      const done = await island.until(id, 'that it goes on', reached, 60_000);
      expect(done.held).toBeUndefined();
      expect(done.attempts.filter(({ status }) => status === 'accepted')).toHaveLength(1);
    }
  }

  const call =
    (method: string, path: string, body?: unknown) =>
    async ({ uri, numbers: [number] }: Island): Promise<void> => {
      const answer = await world.app.call(method, path.replace('{uri}', uri).replace('{number}', number), body);
      expect([answer.status, answer.text.includes('"error"')]).toEqual([200, false]);
    };

  it.each([
    ['the account is set', call('PATCH', '/accounts/{number}?gateway={uri}', { enabled: true })],
    ['the gateway is set', call('PATCH', '/gateways/{uri}', { name: 'Paid' })],
    ['the number is subscribed', call('GET', '//chat/{uri}?whatsapp=subscribe')],
    ['the accounts are read anew', call('GET', '//chat/{uri}?whatsapp=setup')],
  ])(
    'goes on when %s',
    async (_how, mend) => {
      const one = await held(PAYMENT);
      await mend(one.island);
      await resumes(one);
    },
    180_000,
  );

  it('goes on with POST /limits/resume', async () => {
    const one = await held(UNREGISTERED);
    const { status } = await world.app.call('POST', '/limits/resume', {
      gateway: one.island.uri,
      account: one.island.numbers[0],
    });
    expect(status).toBe(200);
    await resumes(one);
  }, 180_000);

  it.each([
    ['a ban is lifted', 'account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'REINSTATE' } }],
    ['the account was reviewed', 'account_review_update', { decision: 'APPROVED' }],
  ])(
    'goes on when the network tells that %s',
    async (_what, field, value) => {
      const one = await held(368);
      const body = {
        object: 'whatsapp_business_account',
        entry: [{ id: one.island.business, time: Math.floor(Date.now() / 1_000), changes: [{ field, value }] }],
      };
      expect((await world.sim.postWebhook(body as never)).status).toBe(200);
      await resumes(one);
    },
    180_000,
  );

  it('goes on when a message of another number of the account arrives that had to be paid for; a reply proves nothing', async () => {
    const one = await held(PAYMENT);
    const { island, waiting } = one;
    const [, sibling] = island.numbers;
    const [person, other] = [world.person(), world.person()];
    await island.hear([person], sibling);
    const holds = world.app.get(AccountHolds);
    await holds.look();
    const reply = await island.send({ to: person, account: sibling, content: contentOf('reply') });
    await island.until(reply.id, 'that it arrives', ({ status }) => ['delivered', 'read'].includes(status), 60_000);
    for (const id of waiting) expect((await island.message(id)).status).toBe('held');
    await holds.look();
    const paid = await island.send({ to: other, account: sibling, content: contentOf('utility') });
    await island.until(paid.id, 'that it arrives', ({ status }) => ['delivered', 'read'].includes(status), 60_000);
    await resumes(one);
  }, 180_000);

  it('is not freed by another number where only its own registration is concerned', async () => {
    const { island, waiting } = await held(UNREGISTERED);
    await world.app.get(AccountHolds).look();
    const paid = await island.send({ to: world.person(), account: island.numbers[1], content: contentOf('utility') });
    await island.until(paid.id, 'that it arrives', ({ status }) => ['delivered', 'read'].includes(status), 60_000);
    await eventually('the receipts to be worked off', async () => {
      const rows = await world.app.database.query('SELECT FROM inbox_pending LIMIT 1');
      return rows.length === 0;
    });
    for (const id of waiting) expect((await island.message(id)).status).toBe('held');
  }, 180_000);
});
