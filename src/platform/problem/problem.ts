export interface FieldError {
  /** e.g. `metadata.whatsapp_token` */
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  410: 'Gone',
  413: 'Payload too large',
  415: 'Unsupported media type',
  422: 'Refused',
  425: 'Too early',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'Provider error',
  503: 'Not ready',
};

/**
 * The caller's mistake, or a state that forbids what was asked: becomes RFC 9457 `application/problem+json`. `code` is stable
 * and append-only; `detail` says what was given, what was expected and what to do, and never carries a secret.
 */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors?: readonly FieldError[],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  toJSON(): object {
    return {
      type: 'about:blank',
      title: TITLES[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
      code: this.code,
      ...(this.errors && { errors: this.errors }),
    };
  }
}
