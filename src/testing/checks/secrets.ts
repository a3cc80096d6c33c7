import type { AccountCall, Content, DoctorCall, ProviderHttp, ProviderRequest } from '../../contract/index.js';
import { ensure } from '../breach.js';
import type { ChannelCheck, GatewayCheck } from '../check.js';
import { attemptAsync } from '../pure.js';
import { sampleOf } from '../sample-contents.js';
import { type ChannelStage, channelStage, type GatewayStage } from '../stage.js';
import { FakeTransport } from '../transport.js';
import { signsOf } from './presence.js';

const TODO =
  'Take the values of secret settings out of every text that you pass on (the network repeats what it was given), and put them into headers of requests only.';

/** Not secrets, but what leaves from them must not be told either: as they stand in URLs. */
function spelled(secrets: readonly string[]): readonly string[] {
  return secrets.flatMap((secret) => [...new Set([secret, encodeURIComponent(secret)])]);
}

export const gatewaySecrets: readonly GatewayCheck[] = [
  {
    name: 'tells no secret in warnings, policies and what it says of its settings',
    section: 'secrets',
    todo: TODO,
    async run(stage) {
      const { type, settings } = stage.subject;
      await quiet(stage, 'warnings', async () => type.warnings(settings));
      await quiet(stage, 'policies', async () => type.policies(settings));
      for (const key of type.settings) {
        // a refused value may be the secret itself, with a blank too many
        const value = settings[key.name];
        if (key.secret && value !== undefined)
          await quiet(stage, `the check of ${key.name}`, async () => key.check?.(` ${value} `));
      }
      await quiet(stage, 'handshake', async () =>
        type.webhook.handshake(
          {
            method: 'GET',
            query: new URLSearchParams({ 'hub.mode': 'subscribe' }),
            headers: {},
            body: Buffer.alloc(0),
          },
          stage.context,
        ),
      );
      for (const http of echoes(stage)) {
        await quiet(stage, 'verifySettings', () => type.verifySettings(stage.call(http)));
        const { doctor, webhook } = type;
        if (doctor) {
          await quiet(withCredentials(stage), 'doctor.examine', () => doctor.examine(examination(stage, http)));
        }
        for (const { channel } of webhook.shared ? type.channels : [])
          await quiet(stage, 'webhook.shared.register', async () =>
            webhook.shared?.register(stage.call(http), channel),
          );
      }
    },
  },
];

export const channelSecrets: readonly ChannelCheck[] = [
  {
    name: 'tells no secret in parts, problems, errors and log lines',
    section: 'secrets',
    todo: TODO,
    async run(stage) {
      const { channel, own, accountContext } = stage;
      const contents = channel.capabilities.outbound.flatMap((type) => sampleOf(type, own.contents) ?? []);
      for (const content of contents) {
        await quiet(stage, `check of ${content.type}`, async () => channel.outbound.check(content, stage.context));
        await quiet(stage, `render of ${content.type}`, async () =>
          channel.outbound.render({ to: own.recipient, content }, accountContext),
        );
      }
      for (const [name, body] of Object.entries(own.payloads)) {
        await quiet(stage, `parse of ${name}`, async () =>
          stage.subject.type.webhook
            .split(body)
            .map((piece) =>
              'channel' in piece && piece.channel === channel.channel ? channel.parse(piece, stage.context) : piece,
            ),
        );
      }
      for (const http of [...echoes(stage), ...networkEchoes(stage)]) {
        for (const [what, run] of Object.entries(effects(stage, stage.accountCall(http), contents[0])))
          await quiet(stage, what, run);
        for (const [sign, show] of signsOf(stage)) await quiet(stage, sign, () => show(http));
      }
    },
  },
];

/** Every channel has an account that is in use. */
function examination(stage: GatewayStage, http: ProviderHttp): DoctorCall {
  const { type } = stage.subject;
  const stages = new Map(type.channels.map((channel) => [channel.channel, channelStage(stage.subject, channel)]));
  return {
    ...stage.call(http),
    groups: [...stages].map(([channel, { own }]) => {
      const { group: address, name } = own.account;
      return { channel, address, name, accounts: [{ ...own.account, active: true }] };
    }),
    now: new Date(),
    asAccount: (channel) => stages.get(channel)?.accountCall(http),
  };
}

/** Those of accounts are repeated to calls alone that carried them: no other call could know them. */
function withCredentials(stage: GatewayStage): GatewayStage {
  const own = Object.values(stage.subject.channels).flatMap(({ credential }) => credential ?? []);
  return { ...stage, secrets: [...stage.secrets, ...own] };
}

/** What goes to the network. */
function effects(
  { channel, own, accountContext }: ChannelStage,
  call: AccountCall,
  content: Content | undefined,
): Record<string, () => Promise<unknown>> {
  const { accounts, outbound, media, templates } = channel;
  const { group } = own.account;
  const file = { mimeType: 'image/png', size: 1, read: bytes };
  return {
    ...(content && {
      send: () => outbound.send(outbound.render({ to: own.recipient, content }, accountContext), 'pb.attempt', call),
    }),
    'accounts.discover': () => accounts.discover(call),
    'accounts.subscribe': () => accounts.subscribe(group, call),
    'accounts.unsubscribe': () => accounts.unsubscribe(group, call),
    ...(accounts.refresh && {
      'accounts.refresh.group': async () => accounts.refresh?.group(group, call),
      'accounts.refresh.account': async () => accounts.refresh?.account(call),
    }),
    ...(media?.upload && { 'media.upload': async () => media.upload?.(file, call) }),
    ...(media && {
      'media.fetch': () =>
        media.fetch({ id: 'file-1' }, () => true, {
          ...call,
          download: (request) => call.http.request({ ...request, method: 'GET' }),
        }),
    }),
    ...(templates && { 'templates.list': () => templates.list(group, call) }),
    ...(channel.dialog.confirm && {
      'dialog.confirm': async () => channel.dialog.confirm?.({ id: 'message-1' }, call),
    }),
    ...(channel.dialog.closed && {
      'dialog.closed': async () =>
        channel.dialog.closed?.({ id: 'evt_1', to: own.recipient, reason: 'bot', at: new Date(0) }, call),
    }),
  };
}

async function* bytes(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
}

/** Networks that repeat what they were given: in words, in JSON of many shapes, in the reason why nothing came back. */
function echoes({ secrets }: GatewayStage): ProviderHttp[] {
  const words = `Malformed access token ${secrets.join(' ')}`;
  const asked = ({ url, headers }: ProviderRequest): string =>
    `${words} ${url} ${Object.values(headers ?? {}).join(' ')}`;
  const bodies = (said: string): unknown[] => [
    said,
    { error: { message: said, code: 190, type: 'OAuthException', error_data: { details: said } } },
    { error: said },
    { ok: false, error_code: 401, description: said },
    { code: 'token.invalid', detail: said, title: said, message: said },
    { errors: [{ title: said, details: said }], meta: { developer_message: said } },
  ];
  const answers = [400, 401, 403, 500].flatMap((httpStatus) =>
    bodies('').map(
      (_, index) =>
        new FakeTransport((request) => {
          const body = bodies(asked(request))[index];
          return {
            status: 'answered',
            httpStatus,
            headers: {},
            text: typeof body === 'string' ? body : JSON.stringify(body),
          };
        }),
    ),
  );
  const failures = [true, false].map(
    (sent) => new FakeTransport((request) => ({ status: 'failed', sent, reason: asked(request) })),
  );
  return [...answers, ...failures];
}

/** The network's own refusals, with the secrets in their words. */
function networkEchoes({ channel, own, secrets }: ChannelStage): ProviderHttp[] {
  const codes = [...channel.outcomes.keys()].slice(0, 20);
  const refusals = codes.map((code) => own.network?.refusal(code)).filter((answer) => answer !== undefined);
  return refusals.flatMap((answer) =>
    answer.status === 'answered'
      ? [
          new FakeTransport({
            ...answer,
            text: answer.text.replace(
              /"((?:[^"\\]| )* (?:[^"\\])*)"(?!\s*:)/g,
              (_, said: string) => `"${said} ${secrets.join(' ')}"`,
            ),
          }),
        ]
      : [],
  );
}

/** Runs it, and looks for the secrets in what it answers, throws and prints. */
async function quiet(stage: GatewayStage, what: string, run: () => Promise<unknown>): Promise<void> {
  const printed: unknown[] = [];
  const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;
  const before = methods.map((method) => console[method]);
  for (const method of methods)
    console[method] = (...said: unknown[]) =>
      void printed.push(...said.map((one) => (one instanceof Error ? `${one.message} ${one.stack}` : one)));
  let answer: unknown;
  try {
    answer = await attemptAsync(what, run);
  } finally {
    methods.forEach((method, index) => {
      console[method] = before[index] as (typeof console)['log'];
    });
  }
  for (const [where, value] of [
    ['answers with', answer],
    ['prints', printed],
  ] as const) {
    const said = JSON.stringify(value ?? null, plain);
    const secret = spelled(stage.secrets).find((one) => said.includes(JSON.stringify(one).slice(1, -1)));
    ensure(
      secret === undefined,
      () => `${what} ${where} the secret ${nameOf(stage, secret)}: ${around(said, secret ?? '')}`,
    );
  }
}

/** Where it stands, without it. */
function around(said: string, secret: string): string {
  const at = said.indexOf(JSON.stringify(secret).slice(1, -1));
  return `…${said.slice(Math.max(0, at - 150), at + secret.length + 50)}…`.replaceAll(secret, '(the secret)');
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return [...value];
  return value instanceof Error ? [value.message, Object.entries(value)] : value;
}

function nameOf({ subject }: GatewayStage, secret = ''): string {
  return Object.entries(subject.settings).find(([, value]) => spelled([value]).includes(secret))?.[0] ?? '';
}
