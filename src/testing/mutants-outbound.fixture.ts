import {
  type Mutant,
  withAccounts,
  withCapabilities,
  withEvents,
  withOutbound,
  withOwn,
  withTexts,
  withoutProblems,
} from './mutations.fixture.js';
import { parrot } from './parrot.fixture.js';
import { answered } from './subject.js';

/** Faults in what goes out, and in what is told of accounts and secrets. */
export const OUTBOUND_MUTANTS: readonly Mutant[] = [
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
        // oxlint-disable-next-line no-console -- this is the fault
        console.error(call.settings);
        return parrot.outbound.send(part, attempt, call);
      },
    }),
  ],
];
