import {
  type AccountIdentity,
  type Content,
  type ContentType,
  type GatewayType,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ProviderAnswer,
  type Recipient,
  type Settings,
} from '../contract/index.js';

/** What the kit judges: a gateway type, and what it cannot know of its network. */
export interface ContractSubject {
  readonly type: GatewayType;
  /** of a gateway that works: every key that is required, and every secret (8 characters or more, so that it can be looked for) */
  readonly settings: Readonly<Record<string, string>>;
  /** headers (lower-case names) by which the network proves that a body is its own, made with these settings at that time */
  sign(request: SigningRequest): Readonly<Record<string, string>>;
  /** where signatures carry a time: how far it may be from now, in milliseconds. Absent: they carry none, so copies cannot be told */
  readonly toleranceMs?: number;
  /** what the gateway type takes for now, where it is handed a clock. @default the system's clock */
  readonly now?: Date;
  /** by the name of each channel that the gateway type brings */
  readonly channels: Readonly<Record<string, ChannelSubject>>;
}

export interface SigningRequest {
  readonly body: Buffer;
  readonly settings: Settings;
  readonly at: Date;
}

export interface ChannelSubject {
  /** a sender as setup finds it */
  readonly account: AccountIdentity;
  /** a credential of the account's own, where `accounts.credential` names the setting that it stands in; secret */
  readonly credential?: string;
  /** somebody whom it can write to */
  readonly recipient: Recipient;
  /** bodies of webhooks by name, as the network posts them; keep them as files, with their source */
  readonly payloads: Readonly<Record<string, JsonValue>>;
  /** how the network puts several things into one request; a level each. Absent: one request tells one thing */
  readonly envelopes?: readonly EnvelopeLevel[];
  /** contents in place of the kit's own samples, where a type needs what only the network can say (ids, templates, native payloads) */
  readonly contents?: Partial<Record<ContentType, Content>>;
  /** what the network answers to a message. Absent: `send` makes no call, which is checked */
  readonly network?: NetworkAnswers;
}

export interface EnvelopeLevel {
  readonly name: string;
  /** the things in a body; an empty list where it has none of this level */
  items(body: JsonValue): readonly JsonValue[];
  /** a body that tells these things, whatever they are */
  wrap(items: JsonValue[]): JsonValue;
}

export interface NetworkAnswers {
  /** it has taken the message */
  readonly accepts: ProviderAnswer;
  /** it refuses a message with this code of the outcome table; undefined where the code comes later, in a receipt, only */
  refusal(code: number | string): ProviderAnswer | undefined;
  /** a webhook body in which it tells of an accepted message that it failed with this code; undefined where it never does */
  receipt?(code: number | string): JsonValue | undefined;
}

/** An answer over HTTP, for {@link NetworkAnswers}. */
export function answered(
  httpStatus: number,
  body: JsonValue,
  headers: Readonly<Record<string, string>> = {},
): ProviderAnswer {
  return { status: 'answered', httpStatus, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** The usual envelope: the things stand in a list, `{"events": […]}`; `rest` is what stands beside it. */
export function envelope(member: string, rest: JsonObject = {}): EnvelopeLevel {
  return {
    name: member,
    items(body) {
      const list = isJsonObject(body) ? body[member] : undefined;
      return Array.isArray(list) ? list : [];
    },
    wrap: (items) => ({ ...rest, [member]: items }),
  };
}
