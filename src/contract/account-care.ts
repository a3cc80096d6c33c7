import type { AccountCall, GatewayCall } from './calls.js';
import type { AccountDescription, AccountGroup, ContentProblem } from './channel.js';
import type { JsonObject } from './json.js';
import type { CallOutcome, RemoteError } from './outcomes.js';

/** How an account is doing, in the network's own words. Members that are absent are not known. */
export interface AccountHealth {
  readonly status?: string;
  readonly quality?: string;
  readonly throughput?: string;
  readonly messagingLimit?: string;
  /** of the name that people see, and of one that was asked for in its place */
  readonly nameStatus?: string;
  readonly newNameStatus?: string;
  /** whether somebody has proved that the number is theirs */
  readonly verification?: string;
  /** what it is for, e.g. live or a sandbox */
  readonly mode?: string;
  /** whether the network lets it send */
  readonly canSend?: string;
  /** what keeps it from sending, or may soon */
  readonly problems?: readonly HealthProblem[];
}

/** Something that the network has against an account, or against what it belongs to. */
export interface HealthProblem {
  /** of what, e.g. the number, its group, the business, the app */
  readonly of: string;
  readonly code?: number | string;
  readonly description: string;
  readonly solution?: string;
}

/** What a reading found, and for how long the network wants to be left alone after it. */
export interface Reading<T> {
  readonly found: T;
  /** milliseconds; absent: calls are not scarce */
  readonly restMs?: number;
}

/** Reading what is already known anew, with as few calls as the network allows. */
export interface RefreshFacet {
  /** a group with all its accounts */
  group(group: string, call: GatewayCall): Promise<CallOutcome<Reading<AccountGroup>>>;
  /** one account alone: after something was done to it, or with a credential of its own */
  account(call: AccountCall): Promise<CallOutcome<Reading<AccountDescription>>>;
}

/** What people see of a business, as far as a network shows it. */
export interface BusinessProfile {
  readonly about?: string;
  readonly address?: string;
  readonly description?: string;
  readonly email?: string;
  readonly websites?: readonly string[];
  /** the line of business, in the network's own word */
  readonly vertical?: string;
  readonly pictureUrl?: string;
}

/** What is to change in a profile; null takes a member away, what is absent stays. */
export type ProfileChange = {
  readonly [K in Exclude<keyof BusinessProfile, 'pictureUrl'>]?: BusinessProfile[K] | null;
} & {
  /** the network's name for a picture that was brought there before */
  readonly pictureHandle?: string;
};

export interface ProfileFacet {
  /** every limit of the network that can be judged without asking it; paths begin at the profile */
  check(change: ProfileChange): readonly ContentProblem[];
  read(call: AccountCall): Promise<CallOutcome<BusinessProfile>>;
  /** only called with what `check` lets through */
  write(change: ProfileChange, call: AccountCall): Promise<CallOutcome>;
}

/** The way of a new number to where it can send; `wait`: nothing but time helps. */
export const REGISTRATION_STEPS = ['request-code', 'verify-code', 'register', 'deregister', 'wait'] as const;
export type RegistrationStep = (typeof REGISTRATION_STEPS)[number];

export interface CodeRequest {
  readonly method: 'sms' | 'voice';
  /** as `en_US` */
  readonly language: string;
}

export interface Registration {
  /** a secret: in no log, error or answer */
  readonly pin: string;
  /** country in which the network is to keep messages, where it offers that */
  readonly region?: string;
}

/** Taking a number into use at its network, and out of it. */
export interface RegistrationFacet {
  requestCode(request: CodeRequest, call: AccountCall): Promise<CallOutcome>;
  verifyCode(code: string, call: AccountCall): Promise<CallOutcome>;
  register(registration: Registration, call: AccountCall): Promise<CallOutcome>;
  deregister(call: AccountCall): Promise<CallOutcome>;
  /** what the stored details say is to be done next; undefined: it is in use; pure */
  next(details: JsonObject): RegistrationStep | undefined;
  /** what must be done before the network takes what it has just refused; undefined: it does not say; pure */
  missing(remote: RemoteError): RegistrationStep | undefined;
}
