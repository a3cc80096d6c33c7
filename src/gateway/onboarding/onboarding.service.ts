import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AccessService } from '../../access/access.service.js';
import { mayAccessGateway } from '../../access/principal.js';
import type { CallOutcome, GatewayCall } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Problem } from '../../platform/problem/problem.js';
import { callProvider } from '../call-provider.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { GrantRegistrar } from './grant-registrar.service.js';
import { type OnboardingStateRow, OnboardingStateRepository } from './onboarding-state.repository.js';
import { type OnboardingResult, resultPage } from './result-page.js';

/** Long enough to read what one agrees to and to look for a password. */
const LIFETIME_MS = 10 * 60_000;

/** Longer than any state of ours. */
const MAX_LENGTH = 200;

/** Who started it, for as long as it lasts: an API key's id, `admin`, or `ticket`. */
export const BY_TICKET = 'ticket';

export interface OnboardingReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Setup through the network's consent screen: a popup is sent there with a state that is good once, for ten minutes and for this
 * gateway, and comes back with it and a code. The state is all that authorizes the return, so it is judged before anything else.
 */
@Injectable()
export class OnboardingService {
  constructor(
    private readonly states: OnboardingStateRepository,
    private readonly registrar: GrantRegistrar,
    private readonly access: AccessService,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * @param startedBy who may do this, as was just judged
   * @throws Problem 422 `onboarding.not_configured` when the gateway lacks what the screen takes
   */
  async start(gateway: LoadedGateway, channel: string, startedBy: string, origin: string): Promise<OnboardingReply> {
    const state = randomBytes(32).toString('base64url');
    const begun = gateway.type.onboarding?.start(state, gateway.context(), channel);
    if (!begun || 'missing' in begun) {
      const missing = begun?.missing ?? 'a gateway type that has a consent screen';
      throw new Problem(422, 'onboarding.not_configured', `The gateway lacks ${missing}.`);
    }
    const now = this.clock.now();
    const expires = new Date(now.getTime() + LIFETIME_MS);
    const row = { channel, started_by: startedBy, origin, expires_at: expires };
    await this.states.insert(hashOf(state), gateway.id, row, now);
    const headers = { Location: begun.url, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' };
    return { status: 302, headers, body: '' };
  }

  /** What the consent screen sent back; always answers with the page. */
  async finish(gateway: LoadedGateway, query: URLSearchParams): Promise<OnboardingReply> {
    const row = await this.take(gateway, query.getAll('state'));
    if (!row) {
      const detail = 'This sign-in is not known here, was used already, or took too long. Start it again.';
      return reply(401, { status: 'error', detail }, undefined);
    }
    const { status, result } = await this.carryOut(gateway, row, query);
    this.log.info(
      { gateway: gateway.uri, by: row.started_by, status: result.status },
      'a setup came back from the consent screen',
    );
    return reply(status, result, row.origin);
  }

  private async take(gateway: LoadedGateway, states: readonly string[]): Promise<OnboardingStateRow | undefined> {
    const [state = ''] = states;
    if (states.length !== 1 || state === '' || state.length > MAX_LENGTH) return undefined;
    const row = await this.states.take(hashOf(state), gateway.id);
    if (!row || row.expires_at <= this.clock.now()) return undefined;
    return (await this.mayStill(row.started_by, gateway.id)) ? row : undefined;
  }

  /** A key that was taken away meanwhile finishes nothing. */
  private async mayStill(startedBy: string, gatewayId: string): Promise<boolean> {
    if (startedBy === BY_TICKET) return true;
    const principal = await this.access.byId(startedBy);
    return !!principal && principal.permissions.has('gateways:write') && mayAccessGateway(principal, gatewayId);
  }

  private async carryOut(
    gateway: LoadedGateway,
    { channel }: OnboardingStateRow,
    query: URLSearchParams,
  ): Promise<{ readonly status: number; readonly result: OnboardingResult }> {
    const { onboarding } = gateway.type;
    const known = gateway.channel(channel);
    if (!onboarding || !known) return failure(400, 'This gateway has no consent screen any more.');
    const back = onboarding.read(query);
    if (back.status === 'refused') return failure(400, `${back.reason} Nothing was changed.`);
    const call = gateway.interactiveCall();
    const granted = await callProvider(this.log, () => onboarding.exchange(back.code, call, channel));
    if (granted.status !== 'ok') return unanswered(granted);
    const withGrant: GatewayCall = { ...call, settings: { ...call.settings, ...granted.value } };
    try {
      return { status: 200, result: await this.registrar.register(gateway, known, granted.value, withGrant) };
    } catch (error) {
      if (error instanceof Problem) return failure(error.status, error.detail);
      throw error;
    }
  }
}

function failure(status: number, detail: string) {
  return { status, result: { status: 'error', detail } as const };
}

function unanswered(outcome: Exclude<CallOutcome<unknown>, { status: 'ok' }>) {
  return outcome.status === 'unreachable'
    ? failure(502, `The network did not answer: ${outcome.reason}. Nothing was changed; start again.`)
    : failure(400, `The network refused (${outcome.remote.code}): ${outcome.remote.message}. Nothing was changed.`);
}

function reply(status: number, result: OnboardingResult, origin: string | undefined): OnboardingReply {
  return { status, ...resultPage(result, origin) };
}

function hashOf(state: string): Buffer {
  return createHash('sha256').update(state).digest();
}
