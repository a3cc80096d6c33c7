import { errorTitle, httpStatusOf } from './error-titles.js';
import type { JsonObject } from './world.types.js';

/** How an error may be written in a fault or thrown by a route; only the code is needed. */
export interface GraphErrorInput {
  code: number;
  message?: string;
  type?: string;
  subcode?: number;
  details?: string;
  transient?: boolean;
  userTitle?: string;
  userMessage?: string;
}

/** A refusal by the Graph API; whoever answers the request turns it into Meta's shape. */
export class GraphError extends Error {
  readonly status: number;

  constructor(
    readonly input: GraphErrorInput,
    status?: number,
  ) {
    super(input.message ?? `(#${input.code}) ${errorTitle(input.code)}`);
    this.name = 'GraphError';
    this.status = status ?? httpStatusOf(input.code);
  }

  get code(): number {
    return this.input.code;
  }

  /** The body as Meta writes it. Meta: support/error-codes */
  body(traceId: string): JsonObject {
    const { code, subcode, details, transient, userTitle, userMessage, type } = this.input;
    return {
      error: {
        message: this.message,
        type: type ?? 'OAuthException',
        code,
        ...(subcode === undefined ? {} : { error_subcode: subcode }),
        ...(transient === undefined ? {} : { is_transient: transient }),
        ...(userTitle === undefined ? {} : { error_user_title: userTitle }),
        ...(userMessage === undefined ? {} : { error_user_msg: userMessage }),
        ...(details === undefined ? {} : { error_data: { messaging_product: 'whatsapp', details } }),
        fbtrace_id: traceId,
      },
    };
  }
}

/** An id that does not exist, or that the token must not see: Meta says the same for both. */
export function unknownObject(method: string, id: string): GraphError {
  return new GraphError({
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message:
      `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to ` +
      'missing permissions, or does not support this operation',
  });
}

/** A parameter that is missing or wrong in the frame of a call. */
export function invalidParameter(details: string): GraphError {
  return new GraphError({ code: 100, message: `(#100) ${details}`, details });
}

/** An entry of `errors[]` in a webhook. */
export function webhookError(input: GraphErrorInput): JsonObject {
  const title = errorTitle(input.code);
  return {
    code: input.code,
    title,
    message: input.message ?? title,
    error_data: { details: input.details ?? input.message ?? title },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  };
}
