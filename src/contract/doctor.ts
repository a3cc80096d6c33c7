import type { AccountCall, AccountIdentity, GatewayCall, GatewayContext } from './calls.js';

/** One thing that must be right for a gateway to work, and whether it is. */
export interface DoctorStep {
  /** stable, e.g. `token` */
  readonly id: string;
  /** warning: works, but not for long or not in full; skipped: cannot be judged, `detail` says why */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly title: string;
  /** what was found; never a secret */
  readonly detail: string;
  /** what to do about it */
  readonly advice?: string;
  /** where that is done: the menus of the network, or ours */
  readonly where?: string;
}

/** A group that the gateway knows, with its accounts. */
export interface KnownGroup {
  readonly channel: string;
  readonly address: string;
  readonly name: string;
  readonly accounts: readonly (AccountIdentity & { readonly active: boolean })[];
}

export interface DoctorCall extends GatewayCall {
  /** what setup has found; empty: nothing yet */
  readonly groups: readonly KnownGroup[];
  readonly now: Date;
  /** as one of their accounts, with its own credential where it has one; undefined: it is not known any more */
  asAccount(channel: string, address: string): AccountCall | undefined;
}

/** Proves a gateway's set-up, step by step. That the callback leads to us is proved by the core, with what it is given here. */
export interface DoctorFacet {
  /** asks the network; every call is bounded in time by the client; a step that cannot be judged is `skipped`, not left out */
  examine(call: DoctorCall): Promise<readonly DoctorStep[]>;
  /** the query of the network's proof-of-ownership request, which expects the challenge back; pure */
  handshake?(context: GatewayContext, challenge: string): Readonly<Record<string, string>>;
  /** an event in which nothing happened, signed as the network signs; undefined: what it takes is not set; pure */
  event?(
    context: GatewayContext,
  ): { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer } | undefined;
}
