import { describe, expect, it } from '@jest/globals';
import type { AccountsFacet, Channel, Content, GatewayType, InboundEvent, OutboundFacet } from '../contract/index.js';
import { contractChecks, skippedChecks } from './contract-checks.js';
import { NOW, parrot, parrotType, subject } from './parrot.fixture.js';
import { type ChannelSubject, type ContractSubject, answered } from './subject.js';

const own = subject.channels['parrot'] as ChannelSubject;

const withType = (more: Partial<GatewayType>): ContractSubject => ({ ...subject, type: { ...parrotType, ...more } });
const withWebhook = (more: Partial<GatewayType['webhook']>): ContractSubject =>
  withType({ webhook: { ...parrotType.webhook, ...more } });
const withChannel = (more: Partial<Channel>): ContractSubject => withType({ channels: [{ ...parrot, ...more }] });
const withCapabilities = (more: Partial<Channel['capabilities']>): ContractSubject =>
  withChannel({ capabilities: { ...parrot.capabilities, ...more } });
const withOutbound = (more: Partial<OutboundFacet>): ContractSubject =>
  withChannel({ outbound: { ...parrot.outbound, ...more } });
const withAccounts = (more: Partial<AccountsFacet>): ContractSubject =>
  withChannel({ accounts: { ...parrot.accounts, ...more } });
const withOwn = (more: Partial<ChannelSubject>): ContractSubject => ({
  ...subject,
  channels: { parrot: { ...own, ...more } },
});
/** What the events of the sound channel become. */
const withEvents = (change: (event: InboundEvent, at: Date) => InboundEvent | undefined): ContractSubject =>
  withChannel({
    parse: (update, context) =>
      parrot.parse(update, context).flatMap((event) => change(event, update.receivedAt ?? NOW) ?? []),
  });
const withTexts = (change: (text: string) => string): ContractSubject =>
  withOutbound({
    render: (message, context) => {
      const { payload } = parrot.outbound.render(message, context);
      return {
        payload: JSON.parse(JSON.stringify(payload), (_, value: unknown) =>
          typeof value === 'string' ? change(value) : value,
        ),
      };
    },
  });

const verify = parrotType.webhook.verify;
let calls = 0;

/** What is broken, the check that must see it, and words of what it says. */
const MUTANTS: readonly (readonly [fault: string, check: string, words: RegExp, broken: ContractSubject])[] = [
  [
    'another contract version',
    'is a gateway type of this contract version',
    /contract is 99/,
    withType({ contract: 99 }),
  ],
  [
    'a facet that is missing',
    'is a gateway type of this contract version',
    /lacks policies/,
    withType({ policies: undefined as never }),
  ],
  [
    'no channel of its own',
    'is a gateway type of this contract version',
    /channels is empty/,
    withType({ channels: [] }),
  ],
  [
    'a setting without words',
    'declares settings that check themselves',
    /no description/,
    withType({ settings: parrotType.settings.map((key) => ({ ...key, description: '' })) }),
  ],
  [
    'a setting that refuses what is generated',
    'declares settings that check themselves',
    /refused: no/,
    withType({
      settings: [...parrotType.settings, { name: 'a', description: 'a', generate: () => 'x', check: () => 'no' }],
    }),
  ],
  [
    'verify that refuses all',
    'accepts what the network signed',
    /is refused/,
    withWebhook({ verify: () => ({ ok: false, why: 'forged' }) }),
  ],
  [
    'verify that accepts all',
    'refuses what is unsigned',
    /without any header is accepted/,
    withWebhook({ verify: () => ({ ok: true }) }),
  ],
  [
    'verify that throws',
    'refuses what is unsigned',
    /threw: no header/,
    withWebhook({
      verify: (request, context) => {
        if (!request.headers['x-seal']) throw new Error('no header');
        return verify(request, context);
      },
    }),
  ],
  [
    'verify that looks at the presence alone',
    'refuses what is forged',
    /signed with other secrets is accepted/,
    withWebhook({
      verify: (request, context) => (request.headers['x-seal'] ? { ok: true } : verify(request, context)),
    }),
  ],
  [
    'verify that leaves the body out',
    'refuses what is forged',
    /one byte more/,
    withWebhook({
      verify: (request, context) => verify({ ...request, body: Buffer.from(request.body.toString().trim()) }, context),
    }),
  ],
  [
    'verify that accepts what it cannot check',
    'refuses everything while its secrets are not set',
    /without secrets is accepted/,
    withWebhook({ verify: (request, context) => (context.settings['seal'] ? verify(request, context) : { ok: true }) }),
  ],
  [
    'verify that takes any time',
    'refuses what is replayed',
    /signed at .* is accepted/,
    withWebhook({
      verify: (request, context) => {
        const verdict = verify(request, context);
        return !verdict.ok && verdict.why === 'stale' ? { ok: true } : verdict;
      },
    }),
  ],
  [
    'a handshake that tells anybody',
    'shows that the callback is its own to who knows the secret only',
    /another token/,
    withWebhook({
      handshake: ({ query }) => ({ status: 200, contentType: 'text/plain', body: query.get('challenge') ?? '' }),
    }),
  ],
  [
    'a warning with a secret in it',
    'tells no secret in warnings, policies and what it says of its settings',
    /warnings answers with the secret token/,
    withType({ warnings: ({ token }) => [`${token} is old`] }),
  ],
  [
    'verifySettings that repeats the network',
    'tells no secret in warnings, policies and what it says of its settings',
    /verifySettings answers with the secret/,
    withType({
      verifySettings: async ({ http, settings }) => {
        const answer = await http.request({
          method: 'GET',
          url: 'https://parrot.test',
          headers: { authorization: settings['token'] ?? '' },
        });
        return { status: 'unreachable', reason: answer.status === 'answered' ? answer.text : answer.reason };
      },
    }),
  ],
  [
    'a limit of nothing',
    'declares capabilities that make sense',
    /text.maxLength is 0/,
    withCapabilities({ text: { maxLength: 0, unit: 'utf16' } }),
  ],
  [
    'media that cannot be sent',
    'declares capabilities that make sense',
    /image must be in outbound and in media/,
    withCapabilities({ media: {} }),
  ],
  [
    'an outcome without a code of ours',
    'declares outcomes that make sense',
    /code is "7"/,
    withChannel({ outcomes: new Map([[7, { code: '7', title: 'a', action: 'fail', scope: 'contact' }]]) }),
  ],
  [
    'a variable under another name',
    'names dialog variables by its own prefix',
    /must start with parrot\./,
    withChannel({ dialog: { variablesFor: () => ({ 'owl.name': 'a' }) } }),
  ],
  [
    'a payload that becomes nothing',
    'reads every sample payload',
    /becomes nothing/,
    withEvents((event) => (event.type === 'receipt' ? undefined : event)),
  ],
  ['no payloads', 'reads every sample payload', /no sample payloads/, withOwn({ payloads: {} })],
  [
    'an event without a time',
    'reads every sample payload',
    /no valid Date/,
    withEvents((event) => (event.type === 'message' ? { ...event, occurredAt: new Date('never') } : event)),
  ],
  [
    'parse that asks the clock',
    'parses the same input to the same output',
    /a year later/,
    withEvents((event) => (event.type === 'message' ? { ...event, occurredAt: new Date() } : event)),
  ],
  [
    'parse that counts',
    'parses the same input to the same output',
    /answered differently/,
    withEvents((event) => (event.type === 'message' ? { ...event, sender: { userId: `ann${++calls}` } } : event)),
  ],
  [
    'parse that changes its input',
    'reads every sample payload',
    /changes its input/,
    withChannel({
      parse: (update, context) => {
        (update.body as { id: string }).id = 'mine';
        return parrot.parse(update, context);
      },
    }),
  ],
  [
    'a key of the time of arrival',
    'knows a payload again that is delivered twice',
    /an hour later/,
    withEvents((event, at) => (event.type === 'message' ? { ...event, providerId: `${at.getTime()}` } : event)),
  ],
  [
    'one key for two',
    'knows a payload again that is delivered twice',
    /would be lost/,
    withEvents((event) =>
      event.type === 'message' ? ({ ...event, providerId: event.sender.userId && 'all' } as InboundEvent) : event,
    ),
  ],
  [
    'a key that is the person',
    'tells different messages apart',
    /say different things/,
    withEvents((event) => (event.type === 'message' ? { ...event, providerId: event.sender.userId ?? '' } : event)),
  ],
  [
    'parse that trusts',
    'survives garbage in valid envelopes',
    /threw/,
    withChannel({
      parse: (update, context) => {
        (update.body as { id: string }).id.trim();
        return parrot.parse(update, context);
      },
    }),
  ],
  [
    'parse that leaves an id empty',
    'survives garbage in valid envelopes',
    /providerId.*is empty/,
    withEvents((event) =>
      event.type === 'unhandled' && event.code === 'item.broken'
        ? {
            type: 'message',
            account: { address: 'a' },
            providerId: '',
            sender: { userId: 'a' },
            occurredAt: NOW,
            content: { type: 'text', text: '' },
            opensWindow: true,
          }
        : event,
    ),
  ],
  [
    'split that gives up at the first fault',
    'lets no broken item hide its neighbours',
    /no longer read/,
    withWebhook({
      split: (body) => {
        const pieces = parrotType.webhook.split(body);
        const end = pieces.findIndex((piece) => 'channel' in piece && typeof piece.body !== 'object');
        return end < 0 ? pieces : pieces.slice(0, end + 1);
      },
    }),
  ],
  [
    'a type that check refuses',
    'sends every type of content that it declares, and no other',
    /is refused, though/,
    withCapabilities({ outbound: [...parrot.capabilities.outbound, 'contacts'] }),
  ],
  [
    'check that lets anything through',
    'sends every type of content that it declares, and no other',
    /not in capabilities.outbound/,
    withOutbound({ check: () => [] }),
  ],
  [
    'a check that is too strict',
    'takes what is within its declared limits',
    /within the limits, and is refused/,
    withOutbound({
      check: (content, context) =>
        content.type === 'text' && content.text.length > 490
          ? [{ path: 'content.text', code: 'content.too_long', message: 'no' }]
          : parrot.outbound.check(content, context),
    }),
  ],
  [
    'a check in another unit',
    'lets nothing through that is beyond its declared limits',
    /content.text is \d+ long/,
    withOutbound({
      check: (content, context) =>
        content.type === 'text'
          ? [...content.text].length > 500
            ? [{ path: 'content.text', code: 'content.too_long', message: 'no' }]
            : []
          : parrot.outbound.check(content, context),
    }),
  ],
  [
    'captions that nobody counts',
    'lets nothing through that is beyond its declared limits',
    /content.caption is 101 long/,
    withOutbound({
      check: (content, context) => (content.type === 'image' ? [] : parrot.outbound.check(content, context)),
    }),
  ],
  [
    'labels that nobody counts',
    'lets nothing through that is beyond its declared limits',
    /title is 21 long/,
    withoutProblems('list', /title$/),
  ],
  [
    'ids that nobody counts',
    'lets nothing through that is beyond its declared limits',
    /id is 33 long/,
    withoutProblems('buttons', /id$/),
  ],
  [
    'descriptions that nobody counts',
    'lets nothing through that is beyond its declared limits',
    /description is 41 long/,
    withoutProblems('list', /^content.sections$/),
  ],
  [
    'headers that nobody counts',
    'lets nothing through that is beyond its declared limits',
    /header is 31 long/,
    withoutProblems('buttons', /header$/),
  ],
  [
    'texts above buttons that nobody counts',
    'lets nothing through that is beyond its declared limits',
    /text is 201 long/,
    withoutProblems('buttons', /text$/),
  ],
  [
    'render that clips',
    'renders all that people see, and no longer than it declares',
    /is not in the payload/,
    withTexts((text) => text.slice(0, 100)),
  ],
  [
    'render that adds',
    'renders all that people see, and no longer than it declares',
    /longer in the payload/,
    withTexts((text) => `Polly: ${text}`),
  ],
  [
    'render that draws lots',
    'checks and renders the same input to the same output',
    /render of .* answered differently/,
    withOutbound({ render: () => ({ payload: { nonce: Math.random() } }) }),
  ],
  [
    'check that answers later',
    'checks and renders the same input to the same output',
    /which is no list|at once/,
    withOutbound({ check: (async () => []) as never }),
  ],
  [
    'render that throws',
    'judges odd contents without throwing, and renders what it lets through',
    /threw/,
    withOutbound({
      render: (message, context) => {
        if (message.content.type === 'text') new URL(`https://parrot.test/${encodeURIComponent(message.content.text)}`);
        return parrot.outbound.render(message, context);
      },
    }),
  ],
  [
    'a message without an id',
    'reports a message as accepted, with an id',
    /providerId.*is empty/,
    withOutbound({ send: async () => ({ status: 'accepted', providerId: '' }) }),
  ],
  [
    'send that calls nobody',
    'reports a message as accepted, with an id',
    /made no call/,
    withOutbound({ send: async () => ({ status: 'accepted', providerId: 'a' }) }),
  ],
  [
    'doubt that is taken for a failure',
    'knows a message that never left from one that may have arrived',
    /expected is unknown/,
    withOutbound({
      send: async (part, attempt, call) => {
        const outcome = await parrot.outbound.send(part, attempt, call);
        return outcome.status === 'unknown' ? { status: 'unsent', reason: 'no' } : outcome;
      },
    }),
  ],
  [
    'send that expects JSON',
    'judges answers that are nobody’s word without throwing',
    /threw/,
    withOutbound({
      send: async (part, attempt, call) => {
        const answer = await call.http.request({ method: 'POST', url: 'https://parrot.test' });
        if (answer.status === 'answered') JSON.parse(answer.text);
        return parrot.outbound.send(part, attempt, call);
      },
    }),
  ],
  [
    'a row that nothing leads to',
    'reaches every row of its outcome table',
    /reached by nothing/,
    withOwn({ network: { accepts: answered(200, { id: 'p9' }), refusal: () => undefined } }),
  ],
  [
    'a code that is read wrongly',
    'reaches every row of its outcome table',
    /refused with "deaf"/,
    withOutbound({
      send: async (part, attempt, call) => {
        const outcome = await parrot.outbound.send(part, attempt, call);
        return outcome.status === 'refused'
          ? { ...outcome, remote: { ...outcome.remote, code: Number(outcome.remote.code) } }
          : outcome;
      },
    }),
  ],
  [
    'a late code that is lost',
    'reaches every row of its outcome table',
    /told of a failure with 7/,
    withEvents((event) => {
      if (event.type !== 'receipt') return event;
      const { error: _, ...rest } = event;
      return rest;
    }),
  ],
  [
    'receipts that nobody reads',
    'reads every receipt that it declares',
    /no payload becomes a receipt of read/,
    withCapabilities({ receipts: ['sent', 'read', 'failed'] }),
  ],
  [
    'an attempt that stays at home',
    'lets the attempt travel, and come back',
    /nowhere in the request/,
    withOutbound({ send: async (part, _attempt, call) => parrot.outbound.send(part, '', call) }),
  ],
  [
    'present that trusts',
    'presents any groups that are stored',
    /threw/,
    withAccounts({
      present: (groups) => groups.map(({ accounts }) => ({ id: (accounts[0] as { address: string }).address })),
    }),
  ],
  [
    'isGone that takes a fault for the end',
    'says of any refusal whether a group is gone',
    /HTTP 500/,
    withAccounts({ isGone: () => true }),
  ],
  [
    'health that trusts',
    'reads any details of accounts',
    /threw/,
    withAccounts({ health: ({ status }) => ({ status: (status as string).toLowerCase() }) }),
  ],
  [
    'discover that throws',
    'comes to an outcome whatever the network answers',
    /discover.*threw/,
    withAccounts({
      discover: async ({ http }) => {
        const answer = await http.request({ method: 'GET', url: 'https://parrot.test' });
        return { status: 'ok', value: answer.status === 'answered' ? (JSON.parse(answer.text) as []) : [] };
      },
    }),
  ],
  [
    'a secret in the payload',
    'tells no secret in parts, problems, errors and log lines',
    /render of text answers with the secret token/,
    withOutbound({
      render: (message, context) => ({
        payload: { ...parrot.outbound.render(message, context).payload, key: context.settings['token'] },
      }),
    }),
  ],
  [
    'a secret in an error',
    'tells no secret in parts, problems, errors and log lines',
    /send answers with the secret/,
    withOutbound({
      send: async (part, attempt, call) => {
        const answer = await call.http.request({
          method: 'POST',
          url: 'https://parrot.test',
          headers: { authorization: call.settings['token'] ?? '' },
        });
        return answer.status === 'answered'
          ? { status: 'refused', remote: { code: 1, message: answer.text } }
          : parrot.outbound.send(part, attempt, call);
      },
    }),
  ],
  [
    'a secret in the log',
    'tells no secret in parts, problems, errors and log lines',
    /send prints the secret token/,
    withOutbound({
      send: async (part, attempt, call) => {
        console.log(call.settings);
        return parrot.outbound.send(part, attempt, call);
      },
    }),
  ],
];

/** check, without what it says of some places. */
function withoutProblems(type: Content['type'], path: RegExp): ContractSubject {
  return withOutbound({
    check: (content, context) =>
      parrot.outbound.check(content, context).filter((problem) => content.type !== type || !path.test(problem.path)),
  });
}

/** What a check says; undefined: it is content. */
async function saidBy(judged: ContractSubject, check: string): Promise<string | undefined> {
  const found = contractChecks(judged).find(({ name }) => name === `parrot: ${check}`);
  if (!found) throw new Error(`there is no check "${check}"`);
  return found.run().then(
    () => undefined,
    (error: Error) => error.message,
  );
}

describe('a sound channel', () => {
  for (const { name, run } of contractChecks(subject)) it(name, run);

  it('has nothing skipped', () => {
    expect(skippedChecks(subject)).toEqual([]);
  });
});

describe('the kit sees', () => {
  it.each(MUTANTS)('%s', async (_, check, words, broken) => {
    const said = await saidBy(broken, check);
    expect(said).toMatch(words);
    expect(said).toMatch(/\nTo do: .+\nMore: docs\/channels\.md#[a-z-]+$/);
  });

  it('a fault by each of its checks', () => {
    const killed = new Set(MUTANTS.map(([, check]) => `parrot: ${check}`));
    expect(contractChecks(subject).filter(({ name }) => !killed.has(name))).toEqual([]);
  });
});

describe('what a channel has not', () => {
  it('is listed with the capability that says so', () => {
    const bare = withChannel({
      outcomes: new Map(),
      capabilities: { ...parrot.capabilities, receipts: [], settles: 'none' },
    });
    expect(skippedChecks(bare)).toEqual([
      { name: 'parrot: declares outcomes that make sense', because: 'outcomes is empty' },
      { name: 'parrot: reaches every row of its outcome table', because: 'outcomes is empty' },
      { name: 'parrot: reads every receipt that it declares', because: 'capabilities.receipts is empty' },
      { name: 'parrot: lets the attempt travel, and come back', because: 'capabilities.settles is none' },
    ]);
  });
});
