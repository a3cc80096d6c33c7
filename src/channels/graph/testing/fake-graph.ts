import type { GatewayCall, ProviderAnswer, ProviderHttp, ProviderRequest, Settings } from '../../../contract/index.js';

export interface Seen extends ProviderRequest {
  /** after the version, without the query */
  readonly path: string;
  readonly query: URLSearchParams;
}

type Reply = ProviderAnswer | { readonly http?: number; readonly json: unknown };
type Route = Reply | ((request: Seen) => Reply) | readonly Reply[];

export interface FakeGraph {
  readonly http: ProviderHttp;
  readonly seen: Seen[];
  /** `GET me`, in the order of the calls */
  calls(): string[];
  /** routes that nobody asked for: an unused fake answer means that the test tests something else */
  unused(): string[];
}

/** Graph for tests: `'GET me/businesses'` → what it answers. A call without a route fails the test. */
export function fakeGraph(routes: Readonly<Record<string, Route>>): FakeGraph {
  const seen: Seen[] = [];
  const keyOf = ({ method, path }: Seen): string => `${method} ${path}`;
  const request = async (raw: ProviderRequest): Promise<ProviderAnswer> => {
    const url = new URL(raw.url);
    const path = url.pathname.replace(/^\/v\d+\.\d+\//, '');
    const request: Seen = { ...raw, path, query: url.searchParams };
    seen.push(request);
    const key = keyOf(request);
    if (url.origin !== new URL(SETTINGS.graph_url).origin) throw new Error(`the call left for ${url.origin}`);
    if (!Object.hasOwn(routes, key)) throw new Error(`no route for ${key}`);
    const route = routes[key] as Route;
    const times = seen.filter((each) => keyOf(each) === key).length;
    const reply = isList(route) ? route[times - 1] : typeof route === 'function' ? route(request) : route;
    if (reply === undefined) throw new Error(`${key} was asked for too often`);
    return 'status' in reply ? reply : answered(reply.http ?? 200, JSON.stringify(reply.json));
  };
  return {
    http: { request },
    seen,
    calls: () => seen.map(keyOf),
    unused: () => Object.keys(routes).filter((key) => !seen.some((each) => keyOf(each) === key)),
  };
}

const isList = (route: Route): route is readonly Reply[] => Array.isArray(route);

export function answered(httpStatus: number, text: string, headers = {}): ProviderAnswer {
  return { status: 'answered', httpStatus, text, headers };
}

export const failed = (sent: boolean, reason = 'connection refused'): ProviderAnswer => ({
  status: 'failed',
  sent,
  reason,
});

export function graphError(code: number, message = `(#${code}) no`, more: object = {}, http = 400): Reply {
  return { http, json: { error: { message, type: 'OAuthException', code, fbtrace_id: 'Az8', ...more } } };
}

const SETTINGS = { whatsapp_token: 'EAAGtoken', graph_url: 'https://graph.test', version: 'v26.0' };

export function gatewayCall(
  http: ProviderHttp,
  settings: Settings = {},
  publicUrl = 'https://chat.example',
): GatewayCall {
  return {
    gateway: { id: 'gw1', uri: 'acme' },
    settings: { ...SETTINGS, ...settings },
    callbackUrl: `${publicUrl}/chat/acme`,
    sharedCallbackUrl: `${publicUrl}/meta/1234567890`,
    publicUrl,
    http,
  };
}
