import type { AccountGroupView, JsonObject, RemoteError } from '../../contract/index.js';
import { canonical, ensure, shown } from '../breach.js';
import type { ChannelCheck } from '../check.js';
import { NASTY } from '../garbage.js';
import { attemptAsync, frozen, pure } from '../pure.js';
import type { ChannelStage } from '../stage.js';
import { FakeTransport, ODD_ANSWERS } from '../transport.js';

const STATUSES = ['ok', 'refused', 'unreachable'];

export const accountChecks: readonly ChannelCheck[] = [
  {
    name: 'presents any groups that are stored',
    section: 'accounts',
    todo: 'In accounts.present, give JSON for every group: also for one without accounts, without details, with an error.',
    run(stage) {
      const { channel } = stage;
      for (const groups of viewsOf(stage)) {
        const shape = pure(`present(${shown(groups)})`, () => channel.accounts.present(frozen(groups)));
        ensure(
          shape !== undefined && canonical(JSON.parse(JSON.stringify(shape))) === canonical(shape),
          () => `present answered ${shown(shape)}, which is no JSON`,
        );
      }
      const { address } = stage.own.account;
      const told = JSON.stringify(channel.accounts.present(viewsOf(stage)[1] ?? []));
      ensure(told.includes(address), () => `present does not show the address ${address} of an account: ${told}`);
    },
  },
  {
    name: 'says of any refusal whether a group is gone',
    section: 'accounts',
    todo: 'In accounts.isGone, judge the code of the refusal, and answer false when it is not known.',
    run({ channel }) {
      const codes = [...channel.outcomes.keys(), 0, 100, 404, 'http.404', 'http.500', '', '__proto__'];
      for (const code of codes) {
        const remote: RemoteError = { code, message: 'no' };
        for (const one of [remote, { ...remote, httpStatus: 404 }, { ...remote, subcode: 33, details: '' }]) {
          const isGone = pure(`isGone(${shown(one)})`, () => channel.accounts.isGone(frozen(one)));
          ensure(
            typeof isGone === 'boolean',
            () => `isGone(${shown(one)}) answered ${shown(isGone)}; it answers true or false`,
          );
        }
      }
      const passing = channel.accounts.isGone({ code: 'http.500', message: 'Internal error', httpStatus: 500 });
      ensure(!passing, () => 'isGone says of HTTP 500 that the group is gone: a passing fault would make us forget it');
    },
  },
  {
    name: 'reads any details of accounts',
    section: 'accounts',
    todo: 'In health, limits, nextTier and link, read details as if they could be anything; undefined or {} where nothing is known.',
    skip: ({ channel: { accounts } }) =>
      accounts.health || accounts.limits || accounts.nextTier || accounts.link
        ? undefined
        : 'accounts.health, limits, nextTier and link are absent',
    run({ channel: { accounts }, accountContext: { account } }) {
      for (const details of detailsOf()) {
        pure(`health(${shown(details)})`, () => accounts.health?.(frozen(details)));
        pure(`limits(${shown(details)})`, () => accounts.limits?.(frozen(details)));
        const standing = { limit: 250, opened: { in7Days: 1, in30Days: 2 }, groups: [details], accounts: [details] };
        pure(`nextTier(${shown(details)})`, () => accounts.nextTier?.(frozen(standing)));
      }
      for (const one of [account, { address: '', group: '', name: '' }]) {
        const link = pure('link', () => accounts.link?.(one, 'Hi there & welcome ✓'));
        ensure(link === undefined || URL.canParse(link), () => `link answered ${shown(link)}, which is no address`);
      }
    },
  },
  {
    name: 'comes to an outcome whatever the network answers',
    section: 'accounts',
    todo: 'In discover, subscribe, unsubscribe, refresh and verifySettings, answer ok, refused or unreachable; never throw.',
    async run(stage) {
      const { channel, subject, own } = stage;
      const { refresh } = channel.accounts;
      const silence = [true, false].map((sent) => ({ status: 'failed' as const, sent, reason: 'no answer in time' }));
      for (const answer of [...ODD_ANSWERS, ...silence]) {
        const call = stage.accountCall(new FakeTransport(answer));
        const runs = {
          discover: () => channel.accounts.discover(call),
          subscribe: () => channel.accounts.subscribe(own.account.group, call),
          unsubscribe: () => channel.accounts.unsubscribe(own.account.group, call),
          verifySettings: () => subject.type.verifySettings(call),
          ...(refresh && {
            'refresh.group': () => refresh.group(own.account.group, call),
            'refresh.account': () => refresh.account(call),
          }),
        };
        for (const [name, run] of Object.entries(runs)) {
          const outcome = await attemptAsync(
            `${name}, answered with ${shown(answer)},`,
            run as () => Promise<{ status: string }>,
          );
          ensure(
            STATUSES.includes(outcome?.status),
            () => `${name} came to ${shown(outcome)}, which is no outcome, when the answer was ${shown(answer)}`,
          );
        }
      }
    },
  },
];

function viewsOf({ own: { account } }: ChannelStage): AccountGroupView[][] {
  const { address, name, phone, group } = account;
  const one = (details: JsonObject, active: boolean) => ({
    address,
    name,
    details,
    active,
    ...(phone !== undefined && { phone }),
  });
  const view = (details: JsonObject, more: Partial<AccountGroupView> = {}): AccountGroupView => ({
    address: group,
    name: 'Acme',
    details,
    subscribed: true,
    accounts: [one(details, true), one(details, false)],
    ...more,
  });
  const error: RemoteError = { code: 190, message: 'no', details: 'not at all', httpStatus: 400 };
  return [
    [],
    [view({})],
    [view({}, { accounts: [], subscribed: false })],
    [view({}, { warning: 'another callback', error }), view({}, { portfolio: '77' })],
    ...detailsOf().map((details) => [view(details)]),
  ];
}

function detailsOf(): JsonObject[] {
  const members = [
    'id',
    'name',
    'status',
    'quality_rating',
    'throughput',
    'messaging_limit',
    'timezone_id',
    'health_status',
  ];
  return [{}, ...NASTY.map((value) => Object.fromEntries(members.map((member) => [member, value])))];
}
