import type { LimitCapabilities } from '../../contract/index.js';
import type { LoadedAccount, LoadedGateway } from '../../gateway/loaded-gateway.js';
import { portfolioOf, throughputOf } from '../../gateway/account-limits.js';
import type { PairLimit } from './pair-pace.js';

/** What the network, and the gateway's own settings, allow an account. */
export interface AccountLimits {
  /** messages per second; infinite where the network sets no pace */
  readonly throughput: number;
  /** whether what comes in counts too */
  readonly countsInbound: boolean;
  /** `group`: to several people at once, where that differs */
  readonly pair: (PairLimit & { readonly group?: PairLimit }) | null;
  /** what shares its messaging limit; null: there is none */
  readonly portfolioId: string | null;
  readonly windowMs: number | null;
  /** whether free-form content is tried while it is not known if the window is open */
  readonly triesUnknown: boolean;
}

export function limitsOf(gateway: LoadedGateway, account: LoadedAccount): AccountLimits {
  const capabilities = gateway.channel(account.channel)?.capabilities;
  const policies = gateway.type.policies(gateway.settings);
  const { pair, tier, throughput } = capabilities?.limits ?? {};
  return {
    throughput: throughputOf(gateway, account),
    countsInbound: throughput?.countsInbound ?? false,
    pair: pair ? pairOf(pair, policies.pairPace === 'strict') : null,
    portfolioId: tier ? portfolioOf(gateway, account) : null,
    windowMs: capabilities?.window?.durationMs ?? null,
    triesUnknown: policies.windowUnknown === 'try',
  };
}

function pairOf(
  { group, ...own }: NonNullable<LimitCapabilities['pair']>,
  strict: boolean,
): NonNullable<AccountLimits['pair']> {
  return { ...own, strict, ...(group && { group: { ...group, strict } }) };
}

/** What the network allows to whoever is on the other side. */
export function pairLimitOf(
  { pair }: Pick<AccountLimits, 'pair'>,
  { isGroup }: { readonly isGroup: boolean },
): PairLimit | null {
  return (isGroup ? pair?.group : undefined) ?? pair;
}
