import { invalidParameter } from './graph-error.js';
import { parseRequest } from './graph-request.js';
import type { GraphAnswer, GraphRequest } from './graph.types.js';

const MAX_PARTS = 50;

interface BatchPart {
  method?: string;
  relative_url?: string;
  body?: string;
}

/** The parts of `POST /` with `batch=[…]`, each as a call of its own. Meta: graph-api/batch-requests */
export function batchParts(request: GraphRequest): GraphRequest[] {
  const parts = readParts(request.body['batch'] ?? request.query['batch']);
  if (parts.length > MAX_PARTS) {
    throw invalidParameter(`Too many requests in batch message. Maximum batch size is ${MAX_PARTS}`);
  }
  return parts.map((part) => {
    if (typeof part?.relative_url !== 'string' || typeof part.method !== 'string') {
      throw invalidParameter('Each part of a batch needs a method and a relative_url.');
    }
    const body = part.body ?? '';
    const parsed = parseRequest({
      method: part.method,
      url: `/${part.relative_url.replace(/^\//, '')}`,
      body: Buffer.from(body),
      contentType: body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded',
      authorization: undefined,
      origin: request.origin,
    });
    const proof = request.body['appsecret_proof'] ?? request.query['appsecret_proof'];
    return {
      ...parsed,
      version: parsed.version ?? request.version,
      token: parsed.token ?? request.token,
      query: typeof proof === 'string' ? { appsecret_proof: proof, ...parsed.query } : parsed.query,
    };
  });
}

/** The answers in the order of the parts; a part whose connection was cut is null, as one that timed out at Meta. */
export function batchAnswer(answers: readonly (GraphAnswer | undefined)[]): GraphAnswer {
  return {
    status: 200,
    body: answers.map((answer) =>
      answer === undefined
        ? null
        : {
            code: answer.status,
            headers: [{ name: 'Content-Type', value: 'application/json; charset=UTF-8' }],
            body: answer.body === undefined ? '' : JSON.stringify(answer.body),
          },
    ),
  };
}

function readParts(batch: unknown): (BatchPart | null)[] {
  let parts: unknown = batch;
  if (typeof batch === 'string') {
    try {
      parts = JSON.parse(batch);
    } catch {
      parts = undefined;
    }
  }
  if (!Array.isArray(parts)) {
    throw invalidParameter('Param batch must be an array.');
  }
  return parts as (BatchPart | null)[];
}
