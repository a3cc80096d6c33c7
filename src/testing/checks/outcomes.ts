import { RECEIPT_STATUSES, type ProviderAnswer, type RemoteError, type SendOutcome } from '../../contract/index.js';
import { ensure, shown, stringsIn } from '../breach.js';
import type { ChannelCheck } from '../check.js';
import { attemptAsync } from '../pure.js';
import { sampleOf } from '../sample-contents.js';
import { type ChannelStage, eventsOf } from '../stage.js';
import { FakeTransport, ODD_ANSWERS } from '../transport.js';

const ATTEMPT = 'pb.4711.kit-attempt';
const NO_NETWORK = 'network is absent: send makes no call';
const noNetwork = ({ own }: ChannelStage): string | undefined => (own.network ? undefined : NO_NETWORK);

export const outcomeChecks: readonly ChannelCheck[] = [
  {
    name: 'reports a message as accepted, with an id',
    section: 'send',
    todo: 'In outbound.send make one call through call.http, and answer {status: "accepted", providerId}; in the subject say what the network answers (network.accepts).',
    async run(stage) {
      const { outcome, http } = await sent(stage, stage.own.network?.accepts ?? FAILED_BEFORE);
      ensure(
        outcome.status === 'accepted',
        () => `send came to ${shown(outcome)} when the network took the message; expected is accepted`,
      );
      ensure(
        typeof outcome.providerId === 'string' && outcome.providerId !== '',
        () => 'the providerId of an accepted message is empty',
      );
      ensure(http.requests.length > 0 === (stage.own.network !== undefined), () =>
        stage.own.network
          ? 'send made no call through call.http'
          : 'send calls the network, and the subject does not say what that answers (network)',
      );
    },
  },
  {
    name: 'knows a message that never left from one that may have arrived',
    section: 'send',
    todo: 'In outbound.send, answer unsent where the client says sent: false, and unknown where it says sent: true.',
    skip: noNetwork,
    async run(stage) {
      const { outcome: before } = await sent(stage, FAILED_BEFORE);
      ensure(before.status === 'unsent', () => `no byte left, and send came to ${shown(before)}; expected is unsent`);
      ensure(
        before.afterMs === 1_234,
        () => `the client said afterMs: 1234, and send came to ${shown(before)}; it must be passed on`,
      );
      const { outcome: after } = await sent(stage, FAILED_AFTER);
      ensure(
        after.status === 'unknown',
        () => `the request left and no answer came, and send came to ${shown(after)}; expected is unknown`,
      );
    },
  },
  {
    name: 'judges answers that are nobody’s word without throwing',
    section: 'send',
    todo: 'In outbound.send, read answers as if they could be anything: a page of a proxy with 5xx leaves open what happened (unknown).',
    skip: noNetwork,
    async run(stage) {
      for (const answer of ODD_ANSWERS) {
        const { outcome } = await sent(stage, answer);
        const isKnown = ['accepted', 'refused', 'unsent', 'unknown'].includes(outcome?.status);
        ensure(
          isKnown,
          () => `send came to ${shown(outcome)}, which is no outcome, when the answer was ${shown(answer)}`,
        );
        ensure(
          outcome.status !== 'unsent',
          () => `an answer came (${shown(answer)}), and send says unsent: it would go twice`,
        );
        if (outcome.status === 'refused') {
          const { code, message } = outcome.remote;
          ensure(
            typeof message === 'string' && code !== undefined && code !== '',
            () => `a refusal needs code and message: ${shown(outcome)}`,
          );
        }
      }
    },
  },
  {
    name: 'reaches every row of its outcome table',
    section: 'outcomes',
    todo: "Give network.refusal (and network.receipt, where codes come later) the network's own words for the code, and read the code in outbound.send (and parse).",
    skip: ({ channel }) => (channel.outcomes.size === 0 ? 'outcomes is empty' : undefined),
    async run(stage) {
      const { network } = stage.own;
      for (const code of stage.channel.outcomes.keys()) {
        const answer = network?.refusal(code);
        const receipt = network?.receipt?.(code);
        ensure(
          answer ?? receipt,
          () =>
            `the row ${shown(code)} is reached by nothing: neither network.refusal nor network.receipt knows the code`,
        );
        if (answer) {
          const { outcome } = await sent(stage, answer);
          ensure(
            outcome.status === 'refused' && isNamed(outcome.remote, code),
            () => `the network refused with ${shown(code)} (${shown(answer)}), and send came to ${shown(outcome)}`,
          );
        }
        if (receipt !== undefined)
          ensure(
            tellsFailure(stage, receipt, code),
            () =>
              `the network told of a failure with ${shown(code)}, and parse read ${shown(eventsOf(stage, receipt))}`,
          );
      }
    },
  },
  {
    name: 'reads every receipt that it declares',
    section: 'receipts',
    todo: 'Turn statuses of messages into events of type receipt; give a payload for each status in capabilities.receipts (failed: network.receipt).',
    skip: ({ channel }) => (channel.capabilities.receipts.length === 0 ? 'capabilities.receipts is empty' : undefined),
    run(stage) {
      const { receipts } = stage.channel.capabilities;
      const told = new Set(
        Object.values(stage.own.payloads).flatMap((body) =>
          eventsOf(stage, body).flatMap((event) =>
            event.type === 'receipt' || event.type === 'receipts' ? [event.status] : [],
          ),
        ),
      );
      const missing = receipts.filter((status) => !told.has(status));
      ensure(
        missing.length === 0,
        () => `no payload becomes a receipt of ${missing.join(', ')}, which capabilities.receipts declares`,
      );
      const undeclared = RECEIPT_STATUSES.filter((status) => told.has(status) && !receipts.includes(status));
      ensure(
        undeclared.length === 0,
        () => `payloads become receipts of ${undeclared.join(', ')}, which capabilities.receipts does not declare`,
      );
    },
  },
  {
    name: 'lets the attempt travel, and come back',
    section: 'receipts',
    todo: 'In outbound.send, put the attempt into the request; in parse, put what comes back of it into attempt of the receipt.',
    skip: ({ channel }) => (channel.capabilities.settles === 'none' ? 'capabilities.settles is none' : undefined),
    async run(stage) {
      const { http } = await sent(stage, stage.own.network?.accepts ?? FAILED_BEFORE);
      const said = http.requests.flatMap(({ url, headers, body }) =>
        stringsIn([url, headers, typeof body === 'string' ? body : '']),
      );
      ensure(
        said.some((one) => one.includes(ATTEMPT)),
        () => 'the attempt is nowhere in the request',
      );
      const events = Object.values(stage.own.payloads).flatMap((body) => eventsOf(stage, body));
      ensure(
        events.some((event) => event.type === 'receipt' && event.attempt !== undefined),
        () => 'no payload becomes a receipt with an attempt',
      );
    },
  },
];

const FAILED_BEFORE: ProviderAnswer = { status: 'failed', sent: false, reason: 'connection refused', afterMs: 1_234 };
const FAILED_AFTER: ProviderAnswer = { status: 'failed', sent: true, reason: 'no answer in time' };

async function sent(
  stage: ChannelStage,
  answer: ProviderAnswer,
): Promise<{ outcome: SendOutcome; http: FakeTransport }> {
  const { channel, own, accountContext } = stage;
  const content = sampleOf(channel.capabilities.outbound[0] ?? 'text', own.contents);
  ensure(content, () => 'capabilities.outbound is empty: there is nothing to send');
  const part = channel.outbound.render({ to: own.recipient, content }, accountContext);
  const http = new FakeTransport(answer);
  const outcome = await attemptAsync(`send, answered with ${shown(answer)},`, () =>
    channel.outbound.send(part, ATTEMPT, stage.accountCall(http)),
  );
  return { outcome, http };
}

function tellsFailure(stage: ChannelStage, body: Parameters<typeof eventsOf>[1], code: number | string): boolean {
  return eventsOf(stage, body).some(
    (event) =>
      event.type === 'receipt' && event.status === 'failed' && event.error !== undefined && isNamed(event.error, code),
  );
}

/** A row may be for a code, or for one with its subcode. */
function isNamed({ code, subcode }: RemoteError, row: number | string): boolean {
  return code === row || (subcode !== undefined && `${code}.${subcode}` === row);
}
