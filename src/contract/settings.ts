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
  readonly description: string;
  readonly default?: string;
  readonly values?: readonly string[];
  /** returns what is wrong with a value, or undefined */
  readonly check?: (value: string) => string | undefined;
}

/** What the network says about settings that a person has just saved. */
export type SettingsVerdict =
  /** `expiresAt`: when the network will no longer take them */
  | { readonly status: 'ok'; readonly expiresAt?: Date }
  /** answered and refused: 422 with this code */
  | { readonly status: 'refused'; readonly code: string; readonly detail: string; readonly key: string }
  /** no answer: saved as `unverified`, checked again in the background */
  | { readonly status: 'unreachable'; readonly reason: string };

/** How delivery behaves for a gateway, read from its settings. */
export interface DeliveryPolicies {
  readonly windowUnknown: 'try' | 'closed';
  /** absent: by class */
  readonly inDoubt?: 'resend' | 'fail';
  /** absent: by class */
  readonly settleMs?: number;
}
