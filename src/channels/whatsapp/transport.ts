import type { AccountIdentity, GatewayCall } from '../../contract/index.js';
import { graphClient, graphOrigin, type GraphClient } from '../graph/index.js';

/** A file's address as it is asked for. */
export interface FileRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** the operator chose this host himself */
  readonly isHome: boolean;
}

/**
 * How the Cloud API is reached: Meta's Graph itself, or a provider who passes it on. Everything else about WhatsApp, what is said
 * and what it means, is the same for both.
 */
export interface WhatsAppTransport {
  client(call: GatewayCall): GraphClient;
  /** the path of what a number does: `messages`, `media` */
  edgeOf(account: AccountIdentity, edge: 'messages' | 'media'): string;
  /** what a file's id is asked with */
  fileQuery(account: AccountIdentity): Readonly<Record<string, string>>;
  /** whether an address that a webhook names may be asked with the gateway's credentials */
  isTrusted(url: string, call: GatewayCall): boolean;
  /** how an address is asked for its file; undefined when it must not be */
  fileAt(url: string, call: GatewayCall): FileRequest | undefined;
}

/** Meta's file host. A webhook that names another one gets no token from us. */
const FILE_HOST = /(?:^|\.)fbsbx\.com$/;

/** Meta's Graph API itself (Meta: whatsapp/business-phone-numbers/media, whatsapp/messages/send-messages). */
export const graphTransport: WhatsAppTransport = {
  client: (call) => graphClient(call),
  edgeOf: ({ address }, edge) => `${encodeURIComponent(address)}/${edge}`,
  fileQuery: ({ address }) => ({ phone_number_id: address }),
  isTrusted: (url, call) => isHome(url, call) || isFileHost(url),
  fileAt: (url, call) => {
    const home = isHome(url, call);
    if (!home && new URL(url).protocol !== 'https:') return undefined;
    const token = call.settings['whatsapp_token'] ?? '';
    return { url, headers: { authorization: `Bearer ${token}` }, isHome: home };
  },
};

/** Whether a file's address leads to Meta's own host, over TLS. */
export function isFileHost(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' && FILE_HOST.test(hostname);
}

/** Where the operator has put Graph himself, files may be too. */
function isHome(url: string, { settings }: GatewayCall): boolean {
  return URL.canParse(url) && new URL(url).origin === graphOrigin(settings);
}
