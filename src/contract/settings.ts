import type { RequireOptIn } from './consent.js';

/** A gateway's metadata after validation: key → value, defaults filled in. Secrets are in clear here: never log it. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** One metadata key, as data: from it come validation, masking, encryption and the description that people see. */
export interface SettingKey {
  readonly name: string;
  readonly required?: boolean;
  readonly secret?: boolean;
  /** shown in clear by the response that created it, and nowhere else */
  readonly shownOnce?: boolean;
  /** generated when it is not given */
  readonly generated?: boolean;
  /** of a generated one: makes a value, where not any random text will do */
  readonly generate?: () => string;
  readonly description: string;
  readonly default?: string;
  readonly values?: readonly string[];
  /** an empty value means something of its own, and is not taken for a missing one */
  readonly mayBeEmpty?: boolean;
  /** returns what is wrong with a value, or undefined */
  readonly check?: (value: string) => string | undefined;
}

/** What the network says about settings that a person has just saved. */
export type SettingsVerdict =
  /** `expiresAt`: when the network will no longer take them */
  | { readonly status: 'ok'; readonly expiresAt?: Date }
  /** answered and refused: 422 with this code; `advice`: what mends it, where that is something else than a new value */
  | {
      readonly status: 'refused';
      readonly code: string;
      readonly detail: string;
      readonly key: string;
      readonly advice?: string;
    }
  /** no answer: saved as `unverified`, checked again in the background */
  | { readonly status: 'unreachable'; readonly reason: string };

/** How delivery behaves for a gateway, read from its settings. */
export interface DeliveryPolicies {
  readonly windowUnknown: 'try' | 'closed';
  /** absent: by class */
  readonly inDoubt?: 'resend' | 'fail';
  /** absent: by class */
  readonly settleMs?: number;
  /** messages per second; lowers what the network allows, never raises it */
  readonly pace?: number;
  /** lenient: bursts to one person that the network lets through on credit are used; strict: they are not */
  readonly pairPace: 'lenient' | 'strict';
  /** what shares a messaging limit, for all accounts of the gateway; absent: as the network says */
  readonly portfolio?: string;
  /** how long the bot keeps quiet after somebody else has written to a person; absent: an hour */
  readonly echoPauseMs?: number;
  /** what the bot has taken is marked as read at the network, by itself */
  readonly autoRead?: boolean;
  /** absent: no opt-in is asked for */
  readonly requireOptIn?: RequireOptIn;
  /** what a person writes to opt out of all messages; absent: no word does that */
  readonly optOutWords?: readonly string[];
  /** what a person writes to opt in again */
  readonly optInWords?: readonly string[];
}
