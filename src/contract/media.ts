import type { AccountCall, ProviderAnswer, ProviderRequest } from './calls.js';
import type { CallOutcome, RemoteError } from './outcomes.js';

/** Takes a file piece by piece; false when it wants no more of it. */
export type MediaSink = (chunk: Uint8Array) => boolean | Promise<boolean>;

/** A file to be fetched. Redirects are not followed: the channel judges where one leads. */
export interface DownloadRequest extends Omit<ProviderRequest, 'method' | 'body' | 'stream'> {
  /** the operator chose this host himself, so it may have a private address; absent: only where those are allowed */
  readonly isHome?: boolean;
}

/** What the media facet gets: beside the calls of its account, a way to fetch bytes that never holds a file in memory. */
export interface MediaCall extends AccountCall {
  /** a body of status 200 goes to the sink and `text` is empty; any other body is `text`, and the sink hears nothing */
  download(request: DownloadRequest, sink: MediaSink): Promise<ProviderAnswer>;
}

/** Where a customer's file can be got: at an address that is soon over, or by the network's id for it. */
export type MediaSource = { readonly url: string } | { readonly id: string };

/** What the network itself says of a file that it gave. */
export interface FetchedMedia {
  readonly mimeType?: string;
  /** hex or base64 */
  readonly sha256?: string;
}

/** A file of ours on its way to the network. */
export interface MediaUpload {
  readonly mimeType: string;
  readonly filename?: string;
  /** bytes */
  readonly size: number;
  /** may be read again */
  read(): AsyncIterable<Uint8Array>;
}

/** A file of ours that travels with the message that names it. */
export interface TravellingFile extends MediaUpload {
  /** ids by which the network takes it again, from earlier messages, by what it was then, in the channel's own words */
  readonly known: ReadonlyMap<string, string>;
}

/** By what id the network takes a file again that has just travelled with a message. */
export interface KnownFile {
  /** ours */
  readonly id: string;
  /** what it was sent as */
  readonly kind: string;
  readonly providerId: string;
}

/** Files, both ways; only where they go through our hands. */
export interface MediaFacet {
  readonly lives: {
    /** how long the address in a webhook is good, and the id, in milliseconds from the message */
    readonly inboundUrlMs: number;
    readonly inboundIdMs: number;
    /** how long an upload, or the id of a file that travelled, is good, in milliseconds */
    readonly uploadMs: number;
  };
  /** the largest file that a customer can send, in bytes */
  readonly inboundMaxBytes: number;
  /** whether an address of a webhook may be asked with the account's credentials; else only the id is used */
  isTrusted(url: string, call: AccountCall): boolean;
  fetch(source: MediaSource, sink: MediaSink, call: MediaCall): Promise<CallOutcome<FetchedMedia>>;
  /** absent: the network takes no file by itself, so files travel with the messages that name them */
  upload?(file: MediaUpload, call: AccountCall): Promise<CallOutcome<{ readonly id: string }>>;
  /** the network no longer has the file that was asked for; pure */
  isGone(remote: RemoteError): boolean;
  /** a refusal of a message that an upload may be the cause of, so that another one may help; pure */
  isAboutUpload(remote: RemoteError): boolean;
}
