import type { RawRequest } from '../graph-request.js';
import { badRequest, isJson, type Json } from './types.js';

export interface ApiRequest {
  readonly token: string;
  readonly method: string;
  readonly params: Json;
  /** of a form, by the names of their parameters */
  readonly files: ReadonlyMap<string, { readonly bytes: Buffer; readonly mimeType: string; readonly filename: string }>;
}

/** Parameters as JSON, in a form, or in the query (core.telegram.org/bots/api, "Making requests"). undefined: no path of the API. */
export async function readRequest(raw: RawRequest): Promise<ApiRequest | undefined> {
  const url = new URL(raw.url, 'http://127.0.0.1');
  const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
  if (token === undefined || method === undefined) return undefined;
  const query = Object.fromEntries(url.searchParams);
  if (raw.body.length === 0) return { token, method, params: query, files: new Map() };
  if (/multipart\/form-data/i.test(raw.contentType)) return { token, method, ...(await readForm(raw, query)) };
  if (/urlencoded/i.test(raw.contentType)) {
    const form = Object.fromEntries(new URLSearchParams(raw.body.toString('utf8')));
    return { token, method, params: { ...query, ...form }, files: new Map() };
  }
  const body: unknown = JSON.parse(raw.body.toString('utf8'));
  if (!isJson(body)) throw badRequest("can't parse the request body as a JSON object");
  return { token, method, params: { ...query, ...body }, files: new Map() };
}

/** In a form, what is no text is JSON. */
async function readForm(raw: RawRequest, query: Json): Promise<Pick<ApiRequest, 'params' | 'files'>> {
  const headers = { 'content-type': raw.contentType };
  const form = await new Response(new Uint8Array(raw.body), { headers }).formData();
  const params: Json = { ...query };
  const files = new Map<string, { bytes: Buffer; mimeType: string; filename: string }>();
  for (const [name, value] of form) {
    if (typeof value === 'string') params[name] = /^[[{]/.test(value) ? JSON.parse(value) : value;
    else files.set(name, { bytes: Buffer.from(await value.arrayBuffer()), mimeType: value.type, filename: value.name });
  }
  return { params, files };
}
