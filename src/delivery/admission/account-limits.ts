import type { LoadedAccount, LoadedGateway } from '../../gateway/loaded-gateway.js';
import { portfolioOf, throughputOf } from '../../gateway/network-limits.js';
import type { PairLimit } from './pair-pace.js';

/** What the network, and the gateway's own settings, allow an account. */
export interface AccountLimits {
  /** messages per second, in and out together; null: the network sets none */
  readonly throughput: number | null;
  readonly pair: PairLimit | null;
  /** what shares its messaging limit; null: there is none */
  readonly portfolioId: string | null;
  readonly windowMs: number | null;
  /** whether free-form content is tried while it is not known if the window is open */
  readonly triesUnknown: boolean;
}

export function limitsOf(gateway: LoadedGateway, account: LoadedAccount): AccountLimits {
  const capabilities = gateway.channel(account.channel)?.capabilities;
  const policies = gateway.type.policies(gateway.settings);
  const { pair, tier } = capabilities?.limits ?? {};
  return {
    throughput: throughputOf(gateway, account) ?? null,
    pair: pair ? { ...pair, strict: policies.pairPace === 'strict' } : null,
    portfolioId: tier ? portfolioOf(gateway, account) : null,
    windowMs: capabilities?.window?.durationMs ?? null,
    triesUnknown: policies.windowUnknown === 'try',
  };
}
