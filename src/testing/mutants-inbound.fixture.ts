import type { InboundEvent } from '../contract/index.js';
import {
  type Mutant,
  withCapabilities,
  withChannel,
  withEvents,
  withOwn,
  withType,
  withWebhook,
} from './mutations.fixture.js';
import { NOW, parrot, parrotType } from './parrot.fixture.js';

const { verify } = parrotType.webhook;
let calls = 0;

/** Faults in what the gateway type declares, and in what comes in. */
export const INBOUND_MUTANTS: readonly Mutant[] = [
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
];
