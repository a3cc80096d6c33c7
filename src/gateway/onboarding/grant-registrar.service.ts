import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../../access/principal.js';
import type { AccountGroup, CallOutcome, Channel, GatewayCall, GrantedSettings } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Problem } from '../../platform/problem/problem.js';
import { AccountGroupRepository } from '../account-group.repository.js';
import { callProvider } from '../call-provider.js';
import { GatewayHooks } from '../gateway-hooks.js';
import { GatewayService } from '../gateway.service.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { AccountRegistrar } from '../commands/account-registrar.service.js';
import { chooseSettings } from './choose-settings.js';
import type { OnboardingResult } from './result-page.js';

/** Registers what a person granted, and gives the gateway the credentials that it is to have from then on. */
@Injectable()
export class GrantRegistrar {
  constructor(
    private readonly gateways: GatewayService,
    private readonly groups: AccountGroupRepository,
    private readonly accounts: AccountRegistrar,
    private readonly hooks: GatewayHooks,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * @param withGrant a call with what was granted in place of the gateway's own
   * @throws Problem when what was granted is of no use, or the network does not answer: nothing is changed then
   */
  async register(
    gateway: LoadedGateway,
    channel: Channel,
    granted: GrantedSettings,
    withGrant: GatewayCall,
  ): Promise<OnboardingResult> {
    const verdict = await gateway.type.verifySettings(withGrant);
    if (verdict.status === 'refused') throw new Problem(422, verdict.code, `${verdict.detail} Nothing was changed.`);
    const readAt = this.clock.now();
    const [own, brought, known] = await Promise.all([
      this.discover(channel, gateway.interactiveCall()),
      this.discover(channel, withGrant),
      this.groups.ofGateway(gateway.id, channel.channel),
    ]);
    if (own.status === 'unreachable') throw away(own.reason);
    if (brought.status !== 'ok') throw away(brought.status === 'refused' ? brought.remote.message : brought.reason);
    if (brought.value.length === 0) {
      throw new Problem(422, 'onboarding.nothing_granted', 'No account was granted: choose one in the dialog.');
    }
    const choice = chooseSettings({
      own: own.status === 'ok' ? own.value : undefined,
      granted: brought.value,
      engaged: known
        .filter(({ subscribed, accounts }) => subscribed || accounts.some(({ active }) => active))
        .map(({ address }) => address),
    });
    if (choice.use === 'granted') await this.gateways.update(onlyFor(gateway.id), gateway.id, { metadata: granted });
    await this.accounts.register(gateway, channel.channel, choice.found, readAt);
    this.hooks.engaged(gateway.id);
    return { status: 'success', detail: describe(brought.value, choice) };
  }

  private discover(channel: Channel, call: GatewayCall): Promise<CallOutcome<readonly AccountGroup[]>> {
    return callProvider(this.log, () => channel.accounts.discover(call));
  }
}

/** Who acts here is the person who granted it, and started it with a right of its own: for this one gateway. */
function onlyFor(gatewayId: string): Principal {
  return {
    id: 'onboarding',
    name: 'onboarding',
    permissions: new Set(['gateways:write']),
    gateways: new Set([gatewayId]),
    isBootstrap: false,
  };
}

function away(reason: string): Problem {
  return new Problem(502, 'provider.unreachable', `The network did not answer: ${reason}. Nothing was changed.`);
}

function describe(granted: readonly AccountGroup[], { use, beyond }: ReturnType<typeof chooseSettings>): string {
  const namesOf = (groups: readonly AccountGroup[]): string =>
    groups.map(({ name, address }) => `${name} (${address})`).join(', ');
  const done = `Registered: ${namesOf(granted)}.`;
  if (use === 'granted') return `${done} The gateway acts with what was granted from now on.`;
  if (beyond.length === 0) return done;
  return `${done} The gateway keeps its own token, because it uses accounts that were not granted; that token may not act for ${namesOf(beyond)}: assign them to its system user.`;
}
