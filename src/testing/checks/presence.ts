import type { CallOutcome, ProviderAnswer, ProviderHttp } from '../../contract/index.js';
import { ensure, shown } from '../breach.js';
import type { ChannelCheck } from '../check.js';
import { attemptAsync } from '../pure.js';
import type { ChannelStage } from '../stage.js';
import { FakeTransport, ODD_ANSWERS } from '../transport.js';

const TODO =
  'In outbound.presence make one call through call.http for each sign, and answer {status: "ok"}, refused with the network’s own code, or unreachable; leave markRead out where the network has no such sign.';

const noPresence = ({ channel: { outbound }, own }: ChannelStage): string | undefined => {
  if (!outbound.presence) return 'outbound.presence is absent';
  return own.network ? undefined : 'network is absent: presence has nobody to tell';
};

export const presenceChecks: readonly ChannelCheck[] = [
  {
    name: 'shows what it declares of presence, by a call each',
    section: 'presence',
    todo: TODO,
    skip: noPresence,
    async run(stage) {
      const { presence } = stage.channel.outbound;
      const { markableMs } = presence ?? {};
      ensure(
        markableMs === undefined || markableMs > 0,
        () => `presence.markableMs is ${shown(markableMs)}; it must be positive, or absent`,
      );
      const message = messageOf(stage);
      for (const [sign, show] of signsOf(stage)) {
        const { outcome, http } = await answeredBy(stage.own.network?.accepts ?? SILENCE, sign, show);
        ensure(outcome?.status === 'ok', () => `${sign} came to ${shown(outcome)} when the network took it`);
        const calls = http.requests.length;
        ensure(calls === 1, () => `${sign} made ${calls} calls through call.http; expected is one`);
        const said = http.requests.map(({ url, body }) => `${decodeURIComponent(url)} ${String(body ?? '')}`).join();
        const names = [message.providerId, ...Object.values(message.from)];
        ensure(
          names.some((name) => said.includes(name)),
          () => `${sign} names neither the message nor its person (${names.join(', ')}) to the network: ${said}`,
        );
      }
    },
  },
  {
    name: 'says of presence what the network said',
    section: 'presence',
    todo: TODO,
    skip: noPresence,
    async run(stage) {
      for (const [sign, show] of signsOf(stage)) {
        for (const answer of ODD_ANSWERS) {
          const { outcome } = await answeredBy(answer, sign, show);
          ensure(
            STATUSES.includes(outcome?.status),
            () => `${sign} came to ${shown(outcome)}, which is no outcome, when the answer was ${shown(answer)}`,
          );
        }
        for (const sent of [false, true]) {
          const { outcome } = await answeredBy({ ...SILENCE, sent }, sign, show);
          ensure(
            outcome.status === 'unreachable',
            () => `${sign} came to ${shown(outcome)} when no answer came; expected is unreachable`,
          );
        }
        for (const code of stage.channel.outcomes.keys()) {
          const answer = stage.own.network?.refusal(code);
          if (!answer) continue;
          const { outcome } = await answeredBy(answer, sign, show);
          ensure(
            outcome.status !== 'ok',
            () => `the network refused with ${shown(code)} (${shown(answer)}), and ${sign} came to ok`,
          );
        }
      }
    },
  },
];

const STATUSES = ['ok', 'refused', 'unreachable'];
const NOTHING: CallOutcome = { status: 'unreachable', reason: 'there is no markRead' };
const SILENCE = { status: 'failed' as const, sent: false, reason: 'no answer in time' };

type Sign = readonly [name: string, show: (http: ProviderHttp) => Promise<CallOutcome>];

/** What a person who wrote is shown, by the name of the function. */
export function signsOf(stage: ChannelStage): readonly Sign[] {
  const { presence } = stage.channel.outbound;
  if (!presence) return [];
  const message = messageOf(stage);
  const typing: Sign = ['presence.typing', (http) => presence.typing(message, stage.accountCall(http))];
  if (!presence.markRead) return [typing];
  const reading = async (http: ProviderHttp) => presence.markRead?.(message, stage.accountCall(http)) ?? NOTHING;
  return [typing, ['presence.markRead', reading]];
}

function messageOf({ own }: ChannelStage) {
  return { providerId: 'message-4711', from: own.recipient };
}

async function answeredBy(
  answer: ProviderAnswer,
  sign: string,
  show: Sign[1],
): Promise<{ outcome: CallOutcome; http: FakeTransport }> {
  const http = new FakeTransport(answer);
  return { outcome: await attemptAsync(`${sign}, answered with ${shown(answer)},`, () => show(http)), http };
}
