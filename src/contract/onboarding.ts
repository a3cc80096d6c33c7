import type { GatewayCall, GatewayContext } from './calls.js';
import type { WebhookRequest } from './gateway-type.js';
import type { CallOutcome } from './outcomes.js';

/** What a person let the gateway have, in its own settings: e.g. `{whatsapp_token: …}`. Secret: never log it. */
export type GrantedSettings = Readonly<Record<string, string>>;

export type OnboardingReturn =
  | { readonly status: 'granted'; readonly code: string }
  /** the person said no, or the network did */
  | { readonly status: 'refused'; readonly reason: string };

export type Revocation =
  { readonly ok: true; readonly by: string } | { readonly ok: false; readonly why: 'forged' | 'not-configured' };

/** Setup through the network's own consent screen, in a browser. `state` is made, kept and judged by the core. */
export interface OnboardingFacet {
  /** where the person is sent, to have accounts of this channel; or, in a sentence, what the settings lack; pure */
  start(
    state: string,
    context: GatewayContext,
    channel: string,
  ): { readonly url: string } | { readonly missing: string };
  /** what came back to the callback; pure */
  read(query: URLSearchParams): OnboardingReturn;
  /** a code, good once and for seconds, for what it stands for */
  exchange(code: string, call: GatewayCall, channel: string): Promise<CallOutcome<GrantedSettings>>;
  /** somebody takes back at the network what they granted; undefined: this request is nothing of the kind; pure */
  revocation?(request: WebhookRequest, context: GatewayContext): Revocation | undefined;
  /** whether the gateway lives on what that person granted */
  livesOn?(by: string, call: GatewayCall): Promise<CallOutcome<boolean>>;
}
