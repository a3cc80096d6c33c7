import type { Clock } from './clock.js';
import { GraphError, invalidParameter } from './graph-error.js';
import type { RawRequest } from './graph-request.js';
import type { GraphAnswer, GraphRequest } from './graph.types.js';
import { parameter } from './graph.types.js';
import type { HttpReply } from './http-connection.js';
import { Random } from './random.js';
import type { SimApp, SimUser } from './world.types.js';
import type { World } from './world.js';

/** A code that was handed to the application, good for one exchange. */
interface Code {
  readonly appId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** ms */
  readonly until: number;
  isUsed: boolean;
}

/** An Embedded Signup code lives so long. Meta: embedded-signup */
const CODE_MS = 30_000;

const TOKEN_SECONDS = 60 * 24 * 60 * 60;

/**
 * Facebook Login without the person: who opens the dialog gets what `consent` of the app says, at once. Meta:
 * facebook-login/guides/advanced/manual-flow
 */
export class Logins {
  private readonly codes = new Map<string, Code>();
  private readonly random: Random;

  constructor(
    private readonly world: World,
    private readonly clock: Clock,
    seed: number,
  ) {
    this.random = new Random(seed).fork('logins');
  }

  clear(): void {
    this.codes.clear();
  }

  /** `GET /{version}/dialog/oauth`: back to the application with a code, or with the refusal; a page when it asks wrongly. */
  dialog(request: RawRequest): HttpReply {
    const { searchParams: query } = new URL(request.url, 'http://localhost');
    const app = this.world.apps.get(query.get('client_id') ?? '');
    const redirectUri = query.get('redirect_uri') ?? '';
    const fault = app === undefined ? 'Invalid App ID' : faultOf(app, query);
    if (app === undefined || fault !== undefined) return page(fault ?? '');
    const back = new URL(redirectUri);
    const state = query.get('state');
    if (state !== null) back.searchParams.set('state', state);
    if (app.consent.refuses) {
      const refusal = { error: 'access_denied', error_code: '200', error_reason: 'user_denied' };
      for (const [name, value] of Object.entries(refusal)) back.searchParams.set(name, value);
      back.searchParams.set('error_description', 'Permissions error');
      return redirect(back);
    }
    const code = `AQ${this.secret()}`;
    const asked = (query.get('scope') ?? '').split(/[ ,]+/).filter((scope) => scope !== '');
    const scopes = app.consent.scopes ?? (asked.length > 0 ? asked : [...CONFIGURED_SCOPES]);
    this.codes.set(code, {
      appId: app.id,
      redirectUri,
      scopes,
      until: this.clock.nowMs() + CODE_MS,
      isUsed: false,
    });
    back.searchParams.set('code', code);
    return redirect(back);
  }

  /** `GET /oauth/access_token`: the code, and the application's word who it is, for the person's token. */
  exchange(request: GraphRequest): GraphAnswer {
    const app = this.world.apps.get(parameter(request, 'client_id') ?? '');
    if (app === undefined) throw new GraphError({ code: 101, message: 'Error validating application.' });
    if (parameter(request, 'client_secret') !== app.secret) {
      throw new GraphError({ code: 1, message: 'Error validating client secret.' }, 400);
    }
    const code = this.codes.get(parameter(request, 'code') ?? '');
    if (code === undefined || code.appId !== app.id) throw invalidParameter('Invalid verification code format.');
    if (code.redirectUri !== parameter(request, 'redirect_uri')) {
      throw invalidParameter(
        'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request',
      );
    }
    if (code.isUsed) throw invalidParameter('This authorization code has been used.');
    if (code.until <= this.clock.nowMs()) throw invalidParameter('This authorization code has expired.');
    code.isUsed = true;
    const { token } = this.grant(app, code.scopes);
    return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: TOKEN_SECONDS } };
  }

  private grant(app: SimApp, scopes: readonly string[]) {
    const { world } = this;
    const user = this.userOf(app);
    const wabas = app.consent.wabas ?? [...user.assigned];
    return world.addToken({
      token: `EAAU${this.secret()}`,
      appId: app.id,
      userId: user.id,
      type: 'USER',
      scopes: [...scopes],
      granularScopes: scopes.map((scope) => ({
        scope,
        ...(scope.startsWith('whatsapp_') && { target_ids: [...wabas] }),
      })),
      expiresAt: this.clock.seconds() + TOKEN_SECONDS,
    });
  }

  private userOf(app: SimApp): SimUser {
    const id = app.consent.userId ?? this.world.users.keys().next().value ?? '';
    return this.world.users.get(id) ?? this.world.addUser({ id });
  }

  private secret(): string {
    return [1, 2, 3, 4].map(() => this.random.nextUint32().toString(36)).join('');
  }
}

/** What a login configuration grants; the dialog names none of it. Meta: facebook-login-for-business */
const CONFIGURED_SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging'];

function faultOf(app: SimApp, query: URLSearchParams): string | undefined {
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!URL.canParse(redirectUri)) return 'The parameter redirect_uri is required';
  if (app.redirectUris !== undefined && !app.redirectUris.includes(redirectUri)) {
    return 'URL blocked: this redirect failed because the redirect URI is not white-listed in the app’s client OAuth settings';
  }
  if (query.get('response_type') !== 'code') return 'Unsupported response_type';
  const asksForNothing = !query.get('scope') && !query.get('config_id');
  return asksForNothing ? 'Invalid Scopes: none were given' : undefined;
}

/** What Meta shows the person instead of sending it back: a wrong address must not get anything. */
function page(words: string): HttpReply {
  return { status: 400, body: Buffer.from(words), contentType: 'text/plain; charset=utf-8' };
}

function redirect(to: URL): HttpReply {
  return { status: 302, body: undefined, headers: { location: to.href } };
}
