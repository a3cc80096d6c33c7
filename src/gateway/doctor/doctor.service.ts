import { Inject, Injectable } from '@nestjs/common';
import { gatewayNotFound, type Principal } from '../../access/principal.js';
import type { DoctorStep, KnownGroup, ProviderHttp } from '../../contract/index.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { AccountGroupRepository, type StoredGroup } from '../account-group.repository.js';
import { GatewayDirectory } from '../gateway-directory.js';
import { GatewayService } from '../gateway.service.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { boundedHttp } from './bounded-http.js';
import { callbackSteps } from './callback-steps.js';
import type { DoctorView } from './doctor.view.js';
import { SelfTest } from './self-test.js';

/** Whoever waits for the answer, and whatever is between, gives up at some time. */
const WITHIN_MS = 25_000;

/** Proves a gateway's set-up: what every gateway needs, and what its type knows to ask its network. Changes nothing. */
@Injectable()
export class DoctorService {
  constructor(
    private readonly gateways: GatewayService,
    private readonly directory: GatewayDirectory,
    private readonly groups: AccountGroupRepository,
    private readonly selfTest: SelfTest,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async examine(principal: Principal, idOrUri: string): Promise<DoctorView> {
    const { id } = await this.gateways.require(principal, idOrUri);
    const gateway = this.directory.byId(id);
    if (!gateway) throw gatewayNotFound();
    const http = boundedHttp(gateway.interactiveCall().http, this.clock, WITHIN_MS);
    const [callback, own] = await Promise.all([
      callbackSteps(gateway, http, this.selfTest),
      this.ofType(gateway, http),
    ]);
    const steps = [gatewayStep(gateway), ...own, ...callback];
    return { ok: steps.every(({ status }) => status !== 'failed'), steps };
  }

  private async ofType(gateway: LoadedGateway, http: ProviderHttp): Promise<readonly DoctorStep[]> {
    const { doctor } = gateway.type;
    if (!doctor) return [];
    try {
      const groups = (await this.groups.ofGateway(gateway.id)).map(knownGroup);
      return await doctor.examine({
        ...gateway.context(),
        http,
        groups,
        now: this.clock.now(),
        asAccount: (channel, address) => {
          const account = gateway.account(channel, address);
          return account && { ...gateway.accountContext(account), http };
        },
      });
    } catch (error) {
      this.log.error({ err: error, gateway: gateway.uri }, 'the examination of a gateway failed');
      const detail = 'The examination itself failed; the log has the details.';
      return [{ id: 'examination', title: 'What the network says', status: 'failed', detail }];
    }
  }
}

function knownGroup({ channel, address, name, accounts }: StoredGroup): KnownGroup {
  return {
    channel,
    address,
    name,
    accounts: accounts
      .filter(({ missing_since, active }) => active || !missing_since)
      .map((account) => ({
        address: account.address,
        group: address,
        name: account.name,
        ...(account.phone !== null && { phone: account.phone }),
        active: account.active,
      })),
  };
}

function gatewayStep({ enabled, status, statusReason }: LoadedGateway): DoctorStep {
  const step = { id: 'gateway', title: 'Gateway', where: 'PATCH /api/v1/gateways/<id>' } as const;
  if (!enabled) {
    const advice = 'Enable it: {"enabled": true}.';
    return { ...step, status: 'failed', detail: 'The gateway is disabled: nothing is sent.', advice };
  }
  if (status === 'parked') {
    const advice = 'Mend what the next steps name, then save the metadata again.';
    return {
      ...step,
      status: 'failed',
      detail: `The gateway is parked: ${statusReason ?? 'no reason is known'}`,
      advice,
    };
  }
  if (status === 'unverified') {
    const detail = `The network has not confirmed the settings yet: ${statusReason ?? 'it did not answer'}`;
    return {
      ...step,
      status: 'warning',
      detail,
      advice: 'It is asked again by itself; saving the metadata asks at once.',
    };
  }
  return {
    id: step.id,
    title: step.title,
    status: 'ok',
    detail: 'The gateway is enabled, and its settings were confirmed.',
  };
}
