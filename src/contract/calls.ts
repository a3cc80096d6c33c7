import type { TravellingFile } from './media.js';
import type { Settings } from './settings.js';

/** One HTTP exchange with a network. Bodies are text or bytes; JSON is the channel's business. */
export interface ProviderRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** instead of `body`: never in memory as a whole; its length is in the headers */
  readonly stream?: AsyncIterable<Uint8Array>;
  /** whole exchange, in milliseconds; the client's default is 20 s */
  readonly timeoutMs?: number;
}

export type ProviderAnswer =
  | { readonly status: 'answered'; readonly httpStatus: number; readonly headers: Headers; readonly text: string }
  /** `sent` is false only when it is certain that no byte of the request left; `afterMs`: another try before then is in vain */
  | { readonly status: 'failed'; readonly sent: boolean; readonly reason: string; readonly afterMs?: number };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The only way for a channel to reach its network: one client with timeouts, pools and metrics, owned by the core. */
export interface ProviderHttp {
  request(request: ProviderRequest): Promise<ProviderAnswer>;
}

/** What pure facets get: a gateway's identity and its decrypted settings. */
export interface GatewayContext {
  readonly gateway: { readonly id: string; readonly uri: string };
  readonly settings: Settings;
  /** PUBLIC_URL/chat/<uri> */
  readonly callbackUrl: string;
  /** the callback that all gateways of one app share, where the gateway type has one */
  readonly sharedCallbackUrl?: string;
  readonly publicUrl: string;
}

/** What facets get that talk to the network. */
export interface GatewayCall extends GatewayContext {
  readonly http: ProviderHttp;
}

/** The sender identity that a message leaves from. */
export interface AccountIdentity {
  readonly address: string;
  readonly group: string;
  readonly name: string;
  /** digits, where the account has a phone number */
  readonly phone?: string;
}

export interface AccountContext extends GatewayContext {
  readonly account: AccountIdentity;
}

export interface AccountCall extends GatewayCall {
  readonly account: AccountIdentity;
}

/** What puts a message on the wire gets. */
export interface SendCall extends AccountCall {
  /** files of ours that travel with the message, by the ids that its content names them by; see {@link MediaFacet.upload} */
  readonly files?: ReadonlyMap<string, TravellingFile>;
}
