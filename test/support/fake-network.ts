import {
  type AccountGroup,
  type AccountGroupView,
  CONTRACT_VERSION,
  type CallOutcome,
  type Channel,
  type GatewayCall,
  type GatewayType,
  type RemoteError,
  type SettingsVerdict,
} from '../../src/contract/index.js';

/** A network that does what a test tells it, and remembers what it was asked. */
export class FakeNetwork {
  readonly asked: string[] = [];
  verdict: SettingsVerdict = { status: 'ok' };
  groups: AccountGroup[] = [];
  /** group → what (un)subscribing it answers, when not a plain yes */
  readonly answers = new Map<string, CallOutcome<{ readonly warning?: string }>>();
  discovery: CallOutcome<readonly AccountGroup[]> | undefined;
  sharedWarning: string | undefined;

  /** A group with these accounts. */
  add(group: string, ...accounts: string[]): void {
    this.groups = [
      ...this.groups.filter(({ address }) => address !== group),
      {
        address: group,
        name: `Group ${group}`,
        details: { country: 'UA' },
        accounts: accounts.map((address) => ({
          address,
          name: `Account ${address}`,
          phone: `49${address}`,
          details: {},
        })),
      },
    ];
  }

  readonly type: GatewayType = {
    type: 'fake',
    contract: CONTRACT_VERSION,
    settings: [
      { name: 'token', required: true, secret: true, description: 'a token' },
      { name: 'app', description: 'which app', check: (value) => (/^\d+$/.test(value) ? undefined : 'must be digits') },
      { name: 'mode', values: ['a', 'b'], default: 'a', description: 'a mode' },
      { name: 'verify_token', secret: true, shownOnce: true, generated: true, description: 'for the handshake' },
    ],
    channels: [this.channel()],
    webhook: {
      maxBytes: 1024,
      handshake: () => undefined,
      verify: () => ({ ok: true }),
      split: () => [],
      shared: {
        prefix: 'fake',
        key: ({ app }) => app,
        register: async () => {
          this.asked.push('register');
          return { status: 'ok', value: this.sharedWarning === undefined ? {} : { warning: this.sharedWarning } };
        },
      },
    },
    warnings: ({ app }) => (app ? [] : ['app is not set']),
    policies: () => ({ windowUnknown: 'try', pairPace: 'lenient' }),
    verifySettings: async () => {
      this.asked.push('verify');
      return this.verdict;
    },
  };

  private channel(): Channel {
    const answer = async (what: string, group: string, _call: GatewayCall) => {
      this.asked.push(`${what} ${group}`);
      return this.answers.get(group) ?? ({ status: 'ok', value: {} } as const);
    };
    return {
      channel: 'chat',
      capabilities: {
        outbound: ['text'],
        text: { maxLength: 10, unit: 'utf16' },
        media: {},
        choice: [],
        template: false,
        window: null,
        receipts: [],
        settles: 'none',
      },
      outcomes: new Map(),
      parse: () => [],
      outbound: {
        check: () => [],
        render: () => ({ payload: {} }),
        send: async () => ({ status: 'unsent', reason: 'fake' }),
      },
      accounts: {
        discover: async () => {
          this.asked.push('discover');
          return this.discovery ?? { status: 'ok', value: this.groups };
        },
        subscribe: (group, call) => answer('subscribe', group, call),
        unsubscribe: async (group, call) => {
          const outcome = await answer('unsubscribe', group, call);
          return outcome.status === 'ok' ? { status: 'ok', value: undefined } : outcome;
        },
        isGone: ({ code }: RemoteError) => code === 'gone',
        present: (groups) => groups.map(present),
      },
      dialog: { variablesFor: ({ address }) => ({ 'chat.account': address }) },
    };
  }
}

function present(group: AccountGroupView) {
  const { address, name, subscribed, accounts, warning, error } = group;
  return {
    id: address,
    name,
    numbers: accounts.map((account) => ({ id: account.address, active: account.active })),
    ...(subscribed && { subscribed_fields: ['messages'] }),
    ...(warning !== undefined && { warning }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}
