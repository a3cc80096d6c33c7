export interface Json {
  [key: string]: unknown;
}

/** A bot, as @BotFather made it. */
export interface SimBot {
  readonly id: number;
  readonly token: string;
  readonly username: string;
  readonly name: string;
  /** null: none is set */
  webhook: SimWebhook | null;
  nextUpdate: number;
}

export interface SimWebhook {
  readonly url: string;
  readonly secret: string | undefined;
  /** kinds of updates that it wants */
  readonly updates: readonly string[];
}

export interface SimProfile {
  readonly first_name: string;
  readonly last_name?: string;
  readonly username?: string;
}

export interface SimChat {
  id: number;
  readonly type: 'private' | 'group' | 'supergroup';
  readonly about: Json;
  /** may the bot write: it was started, or is a member */
  standing: 'new' | 'open' | 'blocked' | 'kicked';
  /** the id that it goes by since it became a supergroup */
  movedTo?: number;
  nextMessage: number;
  /** what stands in it, by number */
  readonly messages: Map<number, Json>;
}

/** A message that the bot sent, as it stands in the chat. */
export interface SimSent {
  readonly method: string;
  readonly chat: number;
  readonly message: Json;
  /** of an upload */
  readonly bytes?: Buffer;
}

/** What the bot was seen doing in a chat. */
export interface SimAction {
  readonly chat: number;
  readonly action: string;
}

export interface SimFile {
  readonly id: string;
  /** `photo`, `document`, …: a file keeps its kind */
  readonly kind: string;
  readonly bytes: Buffer;
  readonly path: string;
}

export interface SimCall {
  readonly method: string;
  readonly token: string;
  readonly params: Json;
  readonly at: number;
  /** what was answered; 0: the connection was cut */
  readonly status: number;
}

/** What goes wrong with a call. The first that fits is taken, as often as `times` says. */
export interface SimFault {
  readonly match: { readonly method?: string; readonly chat?: number; readonly times?: number };
  readonly do: {
    /** Telegram's own refusal */
    readonly error?: { readonly code: number; readonly description: string; readonly parameters?: Json };
    /** cuts the connection: before anything is done, or after */
    readonly drop?: 'before' | 'after';
    /** a page of somebody in between, with this status */
    readonly page?: number;
    readonly delayMs?: number;
  };
}

/** The words of a refusal. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly description: string,
    readonly parameters?: Json,
  ) {
    super(description);
  }
}

export function badRequest(description: string, parameters?: Json): ApiError {
  return new ApiError(400, `Bad Request: ${description}`, parameters);
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
