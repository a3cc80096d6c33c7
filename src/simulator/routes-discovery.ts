import {
  BUSINESS,
  granularScopesOf,
  isExpired,
  MANAGEMENT,
  reachPhoneNumber,
  reachWaba,
  requireScope,
} from './graph-access.js';
import { GraphError, invalidParameter, unknownObject } from './graph-error.js';
import type { GraphAnswer, GraphCall } from './graph.types.js';
import { parameter } from './graph.types.js';
import { viewMedia } from './media-view.js';
import { fieldsOf, viewPhoneNumber, viewWaba, WABA_EDGES } from './node-view.js';
import { viewPage } from './pages/routes.js';
import { pageOf, pageOptionsOf } from './paging.js';
import type { JsonObject, SimUser, SimWaba } from './world.types.js';

export function ok(body: unknown): GraphAnswer {
  return { status: 200, body };
}

/** What a token is worth. An app sees its own tokens only. Meta: graph-api/reference/debug_token */
export function debugToken(call: GraphCall): GraphAnswer {
  const { platform, request, session } = call;
  const inspected = parameter(request, 'input_token');
  if (inspected === undefined) {
    throw invalidParameter('The parameter input_token is required.');
  }
  const token = platform.world.tokens.get(inspected);
  if (token === undefined) {
    const error = { code: 190, message: 'Invalid OAuth access token - Cannot parse access token' };
    return ok({ data: { error, is_valid: false, scopes: [] } });
  }
  if (token.appId !== session.app.id) {
    throw invalidParameter('The App_id in the input_token did not match the Viewing App');
  }
  const hasExpired = isExpired(token, platform.clock);
  const isValid = token.valid && !hasExpired;
  const message = hasExpired ? 'Session has expired.' : 'The session has been invalidated.';
  return ok({
    data: {
      app_id: token.appId,
      type: token.type,
      application: platform.world.apps.get(token.appId)?.name ?? '',
      data_access_expires_at: 0,
      ...(isValid
        ? {}
        : {
            error: { code: 190, message: `Error validating access token: ${message}`, subcode: hasExpired ? 463 : 460 },
          }),
      expires_at: token.expiresAt,
      is_valid: isValid,
      scopes: token.scopes,
      granular_scopes: granularScopesOf(platform.world, token),
      user_id: token.userId,
    },
  });
}

/** `GET /?ids=a,b&fields=…`: all or nothing, at most 50. */
export function getByIds(call: GraphCall): GraphAnswer {
  const ids = (parameter(call.request, 'ids') ?? '').split(',').filter((id) => id !== '');
  if (ids.length === 0) {
    throw new GraphError({ code: 2500, message: 'Empty list of ids' });
  }
  if (ids.length > 50) {
    throw invalidParameter(`Too many IDs. Maximum: 50. Provided: ${ids.length}.`);
  }
  return ok(Object.fromEntries(ids.map((id) => [id, viewNode(call, id)])));
}

export function getNode(call: GraphCall, id: string): GraphAnswer {
  return ok(viewNode(call, id));
}

function viewNode(call: GraphCall, id: string): JsonObject {
  const { world, media } = call.platform;
  const fields = fieldsOf(call);
  if (world.wabas.has(id)) {
    return viewWaba(call, reachWaba(call, id), fields);
  }
  if (world.phoneNumbers.has(id)) {
    return viewPhoneNumber(call, reachPhoneNumber(call, id), fields);
  }
  const page = call.platform.pages.pages.get(id);
  if (page !== undefined) {
    return viewPage(call, page);
  }
  const stored = media.get(id);
  if (stored !== undefined) {
    return viewMedia(call, stored);
  }
  const named = id === 'me' ? meOf(call) : (world.users.get(id) ?? world.businesses.get(id) ?? ownApp(call, id));
  if (named === undefined) {
    throw unknownObject(call.request.method, id);
  }
  return { id: named.id, name: named.name };
}

/** The businesses of the token's user. */
export function listBusinesses(call: GraphCall, id: string): GraphAnswer {
  requireScope(call, BUSINESS);
  const user = userOf(call, id);
  const businesses = [...user.businesses].flatMap((businessId) => call.platform.world.businesses.get(businessId) ?? []);
  const { request } = call;
  return ok(
    pageOf(businesses, pageOptionsOf(request), request, request.path, (business) => ({
      id: business.id,
      name: business.name,
    })),
  );
}

/** The WABAs a business owns, or works for. */
export function listBusinessWabas(call: GraphCall, id: string, edge: 'owned' | 'clients'): GraphAnswer {
  requireScope(call, BUSINESS);
  const business = call.platform.world.businesses.get(id);
  const user = call.session.token && call.platform.world.users.get(call.session.token.userId);
  if (business === undefined || !user?.businesses.has(id)) {
    throw unknownObject(call.request.method, id);
  }
  return listWabas(call, business[edge]);
}

export function listAssignedWabas(call: GraphCall, id: string): GraphAnswer {
  requireScope(call, MANAGEMENT);
  return listWabas(call, userOf(call, id).assigned);
}

/** An edge of a WABA by its own path. */
export function listWabaEdge(call: GraphCall, id: string, edge: string): GraphAnswer {
  const list = WABA_EDGES.get(edge);
  const waba = reachWaba(call, id);
  if (list === undefined) {
    throw unknownObject(call.request.method, id);
  }
  return ok(list(call, waba, pageOptionsOf(call.request), fieldsOf(call)));
}

function listWabas(call: GraphCall, ids: ReadonlySet<string>): GraphAnswer {
  const { platform, request } = call;
  const fields = fieldsOf(call);
  const wabas: SimWaba[] = [...ids].flatMap((id) => platform.world.wabas.get(id) ?? []);
  return ok(pageOf(wabas, pageOptionsOf(request), request, request.path, (waba) => viewWaba(call, waba, fields)));
}

function meOf({ platform, session }: GraphCall): { id: string; name: string } | undefined {
  return session.token === undefined ? session.app : platform.world.users.get(session.token.userId);
}

function ownApp({ session }: GraphCall, id: string): { id: string; name: string } | undefined {
  return session.app.id === id ? session.app : undefined;
}

/** A token's user sees itself only. */
function userOf(call: GraphCall, id: string): SimUser {
  const { platform, session } = call;
  const user = platform.world.users.get(id === 'me' ? (session.token?.userId ?? '') : id);
  if (user === undefined || user.id !== session.token?.userId) {
    throw unknownObject(call.request.method, id);
  }
  return user;
}
