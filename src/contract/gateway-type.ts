import type { GatewayCall, GatewayContext } from './calls.js';
import type { Channel } from './channel.js';
import type { DoctorFacet } from './doctor.js';
import type { ChannelUpdate, UnhandledUpdate } from './events.js';
import type { JsonValue } from './json.js';
import type { OnboardingFacet } from './onboarding.js';
import type { CallOutcome } from './outcomes.js';
import type { DeliveryPolicies, SettingKey, Settings, SettingsVerdict } from './settings.js';

/** Raised when an incompatible change is made to anything in this folder; checked when a gateway type is registered. */
export const CONTRACT_VERSION = 1;

/** What a person configures: settings, callback, signature. It names the channels that it brings. */
export interface GatewayType {
  /** e.g. `messenger` */
  readonly type: string;
  readonly contract: number;
  readonly settings: readonly SettingKey[];
  readonly channels: readonly Channel[];
  readonly webhook: WebhookFacet;
  /** things a person should know about these settings, in sentences */
  warnings(settings: Settings): readonly string[];
  policies(settings: Settings): DeliveryPolicies;
  /** asks the network whether the settings work */
  verifySettings(call: GatewayCall): Promise<SettingsVerdict>;
  /** only where more can be proved than that the callback leads to us */
  readonly doctor?: DoctorFacet;
  /** only where a person can grant access in a browser */
  readonly onboarding?: OnboardingFacet;
}

export interface WebhookRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  /** lower-case names */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** exactly the bytes received; empty for GET */
  readonly body: Buffer;
}

export interface WebhookReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** `stale`: signed by who may, but at a time that is too far from now, so that it may be somebody's copy. */
export type Verification =
  { readonly ok: true } | { readonly ok: false; readonly why: 'unsigned' | 'forged' | 'stale' | 'not-configured' };

/** The callback URI. Pure and synchronous, so that a stored request can be read again after a fix. */
export interface WebhookFacet {
  /** bytes; a larger body is refused before it is read whole */
  readonly maxBytes: number;
  /** the network's proof-of-ownership request, answered or refused; undefined when this is not one */
  handshake(request: WebhookRequest, context: GatewayContext): WebhookReply | undefined;
  /** over raw bytes, before anything is parsed */
  verify(request: WebhookRequest, context: GatewayContext): Verification;
  /** a parsed body → pieces; what makes no sense becomes an unhandled item, never an exception */
  split(body: JsonValue): readonly (ChannelUpdate | UnhandledUpdate)[];
  /** the callback shared by all gateways of one app */
  readonly shared?: {
    /** first path segment, e.g. `meta` */
    readonly prefix: string;
    /** second path segment for these settings, e.g. the app id */
    key(settings: Settings): string | undefined;
    /**
     * makes it the app's callback at the network where possible, for what this channel is told of; another owner's is left and named
     * in `warning`
     */
    register(call: GatewayCall, channel: string): Promise<CallOutcome<{ readonly warning?: string }>>;
  };
}

export type { Channel };
