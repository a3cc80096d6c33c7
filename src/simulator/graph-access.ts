import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from './clock.js';
import { GraphError, unknownObject } from './graph-error.js';
import type { GraphCall, GraphRequest, Session } from './graph.types.js';
import { parameter } from './graph.types.js';
import type { GranularScope, SimApp, SimPhoneNumber, SimToken, SimWaba } from './world.types.js';
import type { World } from './world.js';

export const MANAGEMENT = 'whatsapp_business_management';
export const MESSAGING = 'whatsapp_business_messaging';
export const BUSINESS = 'business_management';

/** Who calls, or error 190. Also judges `appsecret_proof`, when it is sent or the app demands it. */
export function authenticate(world: World, clock: Clock, request: GraphRequest): Session {
  const { token: credential } = request;
  if (credential === undefined) {
    throw new GraphError({ code: 190, message: 'An access token is required to request this resource.' });
  }
  const session = sessionOf(world, clock, credential);
  const proof = parameter(request, 'appsecret_proof');
  if (proof === undefined ? session.app.requireProof : !isProof(proof, credential, session.app)) {
    throw new GraphError({
      code: 100,
      type: 'GraphMethodException',
      message:
        proof === undefined
          ? 'API calls from the server require an appsecret_proof argument'
          : 'Invalid appsecret_proof provided in the API argument',
    });
  }
  return session;
}

/** Whether a token is of use now. */
export function isUsable(token: SimToken, clock: Clock): boolean {
  return token.valid && !isExpired(token, clock);
}

export function isExpired(token: SimToken, clock: Clock): boolean {
  return token.expiresAt !== 0 && token.expiresAt <= clock.seconds();
}

/** @param code 10 for messaging, 200 for management. Meta: support/error-codes */
export function requireScope({ session }: GraphCall, scope: string, code = 200): SimToken {
  if (session.token === undefined || !session.token.scopes.includes(scope)) {
    const message =
      code === 10
        ? '(#10) Application does not have permission for this action'
        : `(#${code}) Requires ${scope} permission to manage the object`;
    throw new GraphError({ code, message });
  }
  return session.token;
}

/** The WABA, if this token may act on it; who may not is told that it does not exist. */
export function reachWaba(call: GraphCall, id: string, scope = MANAGEMENT, code = 200): SimWaba {
  const waba = call.platform.world.wabas.get(id);
  if (waba === undefined || call.session.token === undefined) {
    throw unknownObject(call.request.method, id);
  }
  requireScope(call, scope, code);
  if (!reaches(call.platform.world, call.session.token, scope, waba.id)) {
    throw unknownObject(call.request.method, id);
  }
  return waba;
}

export function reachPhoneNumber(call: GraphCall, id: string, scope = MANAGEMENT, code = 200): SimPhoneNumber {
  const number = call.platform.world.phoneNumbers.get(id);
  if (number === undefined) {
    throw unknownObject(call.request.method, id);
  }
  try {
    reachWaba(call, number.wabaId, scope, code);
  } catch (error) {
    throw error instanceof GraphError && error.code === 100 ? unknownObject(call.request.method, id) : error;
  }
  return number;
}

/** The granular scopes as `debug_token` shows them; unless configured, they name what the user is assigned to. */
export function granularScopesOf(world: World, token: SimToken): GranularScope[] {
  if (token.granularScopes !== undefined) {
    return token.granularScopes;
  }
  const user = world.users.get(token.userId);
  return token.scopes.map((scope) => ({
    scope,
    // those of pages are for all pages of the user
    ...(/^(pages|instagram)_/.test(scope)
      ? {}
      : {
          target_ids: [...((scope === BUSINESS ? user?.businesses : user?.assigned) ?? [])],
        }),
  }));
}

function reaches(world: World, token: SimToken, scope: string, wabaId: string): boolean {
  const granted = token.granularScopes?.find((granular) => granular.scope === scope)?.target_ids;
  if (granted !== undefined) {
    return granted.includes(wabaId);
  }
  const user = world.users.get(token.userId);
  if (user === undefined || user.assigned.has(wabaId)) {
    return user !== undefined;
  }
  for (const businessId of user.businesses) {
    const business = world.businesses.get(businessId);
    if (business?.owned.has(wabaId) || business?.clients.has(wabaId)) {
      return true;
    }
  }
  return false;
}

function sessionOf(world: World, clock: Clock, credential: string): Session {
  const bar = credential.indexOf('|');
  if (bar > 0) {
    const app = world.apps.get(credential.slice(0, bar));
    if (app === undefined || app.secret !== credential.slice(bar + 1)) {
      throw new GraphError({ code: 190, message: 'Invalid OAuth access token signature.' });
    }
    return { app, token: undefined, credential };
  }
  const token = world.tokens.get(credential);
  const app = token === undefined ? undefined : world.apps.get(token.appId);
  if (token === undefined || app === undefined) {
    throw new GraphError({ code: 190, message: 'Invalid OAuth access token - Cannot parse access token' });
  }
  if (!isUsable(token, clock)) {
    throw new GraphError({
      code: 190,
      subcode: token.valid ? 463 : 460,
      message: token.valid
        ? 'Error validating access token: Session has expired.'
        : 'Error validating access token: The session has been invalidated.',
    });
  }
  return { app, token, credential };
}

const proofs = new WeakMap<SimApp, Map<string, string>>();

/** Hex HMAC-SHA256 of the token with the app secret; kept, because every call of a bench carries the same one. */
export function proofOf(credential: string, app: SimApp): string {
  let ofApp = proofs.get(app);
  if (ofApp === undefined) {
    ofApp = new Map();
    proofs.set(app, ofApp);
  }
  const key = `${app.secret} ${credential}`;
  let proof = ofApp.get(key);
  if (proof === undefined) {
    proof = createHmac('sha256', app.secret).update(credential).digest('hex');
    ofApp.set(key, proof);
  }
  return proof;
}

function isProof(given: string, credential: string, app: SimApp): boolean {
  const [expected, actual] = [Buffer.from(proofOf(credential, app)), Buffer.from(given)];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
