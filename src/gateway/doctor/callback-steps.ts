import { randomInt } from 'node:crypto';
import type { DoctorStep, ProviderAnswer, ProviderHttp } from '../../contract/index.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { type SelfTest, SELF_TEST_HEADER, type SelfTestVerdict } from './self-test.js';

const PROXY = 'the reverse proxy or the tunnel in front of Patchbay';

/** What the network would find if it called: the address, whose it is, the signature, the handshake. Nothing is stored. */
export async function callbackSteps(
  gateway: LoadedGateway,
  http: ProviderHttp,
  selfTest: SelfTest,
): Promise<readonly DoctorStep[]> {
  const reach = await reachStep(gateway, http, selfTest);
  return [publicUrlStep(gateway), reach, await handshakeStep(gateway, http, reach)];
}

function publicUrlStep({ callbackUrl }: LoadedGateway): DoctorStep {
  const step = { id: 'public_url', title: 'Public address' } as const;
  const { protocol, hostname } = new URL(callbackUrl);
  const isLocal = /^(localhost|127\.|\[::1\]$|.*\.localhost$)/.test(hostname);
  if (protocol === 'https:' && !isLocal) return { ...step, status: 'ok', detail: `Networks are given ${callbackUrl}.` };
  return {
    ...step,
    status: 'warning',
    detail: `Networks are given ${callbackUrl}, which ${isLocal ? 'is an address of this machine alone' : 'is not https'}: they do not call it. A simulator does.`,
    advice: 'Start with PUBLIC_URL=https://… , an address with a certificate that leads here.',
    where: 'environment: PUBLIC_URL',
  };
}

async function reachStep(gateway: LoadedGateway, http: ProviderHttp, selfTest: SelfTest): Promise<DoctorStep> {
  const step = { id: 'self_test', title: 'A signed event reaches this Patchbay' } as const;
  const facet = gateway.type.doctor;
  const event = facet?.event ? facet.event(gateway.context()) : NO_EVENT;
  const mark = selfTest.mark(gateway.id);
  const { headers, body } = event ?? NO_EVENT;
  const answer = await http.request({
    method: 'POST',
    url: gateway.callbackUrl,
    headers: { ...headers, [SELF_TEST_HEADER]: mark, accept: 'application/json' },
    body,
  });
  if (answer.status === 'failed') {
    return {
      ...step,
      status: 'failed',
      detail: `${gateway.callbackUrl} does not answer: ${answer.reason}. A stale tunnel, or a proxy that is down.`,
      advice: `See whether ${PROXY} is up and PUBLIC_URL is still its address. If it answers from outside and only not from this machine, this step says nothing.`,
      where: 'environment: PUBLIC_URL',
    };
  }
  const verdict = selfTest.verdictOf(mark, answer.text);
  if (verdict === undefined) return { ...step, ...elsewhere(gateway, answer) };
  const proves = facet?.event !== undefined;
  return { ...step, ...(proves ? SIGNATURES[verdict] : REACHED) };
}

const NO_EVENT = { headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') };

const REACHED = { status: 'ok', detail: 'What is sent to the callback reaches this Patchbay.' } as const;

/** By what the process that got the event thought of its signature. */
const SIGNATURES: Readonly<Record<SelfTestVerdict, Omit<DoctorStep, 'id' | 'title'>>> = {
  ok: { status: 'ok', detail: 'A signed event reaches this Patchbay, and its signature is right there.' },
  forged: {
    status: 'failed',
    detail:
      'A signed event reaches this Patchbay, but something on the way has changed its body: its signature is wrong.',
    advice: `Let ${PROXY} pass bodies on as they are.`,
    where: PROXY,
  },
  unsigned: {
    status: 'failed',
    detail: 'A signed event reaches this Patchbay, but something on the way has dropped its signature.',
    advice: `Let ${PROXY} pass all headers on.`,
    where: PROXY,
  },
  stale: { status: 'failed', detail: 'stale' },
  'not-configured': {
    status: 'failed',
    detail: 'An event reaches this Patchbay, but without a secret its signature cannot be checked: it is refused.',
    advice: 'Save the secret of the app.',
    where: 'PATCH /api/v1/gateways/<id>',
  },
};

/** A tunnel whose address somebody else has now, a proxy that forwards to another service, an error page on the way. */
function elsewhere(
  { callbackUrl }: LoadedGateway,
  { httpStatus, headers }: Extract<ProviderAnswer, { status: 'answered' }>,
): Omit<DoctorStep, 'id' | 'title'> {
  const { location } = headers;
  const isRedirect = httpStatus >= 300 && httpStatus < 400 && typeof location === 'string';
  const said = isRedirect ? `redirects to ${location.slice(0, 200)}` : `answers HTTP ${httpStatus}`;
  return {
    status: 'failed',
    detail: `${callbackUrl} leads elsewhere: what ${said} is not this Patchbay. A stale tunnel, or a proxy with another target.`,
    advice: `Open the tunnel again, or set ${PROXY} right; start with its present address as PUBLIC_URL, then run subscribe.`,
    where: 'environment: PUBLIC_URL',
  };
}

/** @param reach as long as the address is not ours, the verify token is not told to it */
async function handshakeStep(gateway: LoadedGateway, http: ProviderHttp, reach: DoctorStep): Promise<DoctorStep> {
  const step = { id: 'handshake', title: 'The callback proves itself' } as const;
  const challenge = String(randomInt(1_000_000_000, 10_000_000_000));
  const query = gateway.type.doctor?.handshake?.(gateway.context(), challenge);
  if (!query) return { ...step, status: 'skipped', detail: 'This gateway type has no handshake.' };
  const isOurs = reach.status === 'ok' || reach.where === PROXY || reach.detail === SIGNATURES['not-configured'].detail;
  if (!isOurs) {
    const detail =
      'Not tried: the address does not lead here, and the verify token is for nobody else (step self_test).';
    return { ...step, status: 'skipped', detail };
  }
  const url = `${gateway.callbackUrl}?${new URLSearchParams(query).toString()}`;
  const answer = await http.request({ method: 'GET', url });
  if (answer.status === 'answered' && answer.httpStatus === 200 && answer.text === challenge) {
    return { ...step, status: 'ok', detail: 'The callback answers the challenge.' };
  }
  const found =
    answer.status === 'failed'
      ? `does not answer: ${answer.reason}`
      : answer.httpStatus === 200
        ? 'answers something else than the challenge'
        : `answers HTTP ${answer.httpStatus}`;
  return {
    ...step,
    status: 'failed',
    detail: `The callback ${found}.`,
    advice: `Let ${PROXY} pass GET requests on with their query.`,
    where: PROXY,
  };
}
