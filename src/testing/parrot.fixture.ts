import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  type AccountCall,
  type Button,
  type CallOutcome,
  type Channel,
  type Content,
  type ContentProblem,
  CONTRACT_VERSION,
  type GatewayType,
  type InboundEvent,
  isJsonObject,
  isMedia,
  type JsonObject,
  type JsonValue,
  type OutcomeRow,
  type SendOutcome,
  textLength,
  type WebhookRequest,
} from '../contract/index.js';
import { answered, type ContractSubject, envelope } from './subject.js';

/**
 * A network with a little of everything, that keeps the contract: the loopback channel, grown up. The kit's own test breaks it in one
 * place after the other.
 */
export const NOW = new Date('2026-11-26T12:00:00Z');
const TOLERANCE_MS = 300_000;
const ACCOUNT = { address: 'polly', group: 'aviary', name: 'Polly' };

export const sign = (secret: string, seconds: string, body: Buffer): string =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');

const framed = { labelMax: 20, bodyMax: 200, headerMax: 30, footerMax: 0 };

const row = (code: string, title: string): OutcomeRow => ({ code, title, action: 'fail', scope: 'contact' });

export const parrot: Channel = {
  channel: 'parrot',
  capabilities: {
    outbound: ['text', 'image', 'buttons', 'list'],
    text: { maxLength: 500, unit: 'utf16' },
    media: { image: { maxBytes: 1_000, captionMax: 100 } },
    choice: [
      { style: 'buttons', maxOptions: 3, idMax: 32, ...framed },
      { style: 'list', maxOptions: 8, idMax: 32, descriptionMax: 40, maxSections: 2, ...framed },
    ],
    single: { url: framed },
    template: false,
    window: null,
    receipts: ['sent', 'failed'],
    settles: 'attempt-reference',
  },
  outcomes: new Map<number | string, OutcomeRow>([
    [7, row('recipient.unreachable', 'The parrot sleeps')],
    ['deaf', row('recipient.restricted', 'The parrot does not listen')],
  ]),
  parse: ({ body, path }) => [eventOf(body, path)],
  outbound: {
    check: (content) => problemsOf(content),
    render: ({ to, content }) => ({ payload: { to: to.userId ?? '', ...(content as unknown as JsonObject) } }),
    async send(part, attempt, { http, settings }) {
      const headers = { authorization: `Bearer ${settings['token']}` };
      const body = JSON.stringify({ ...part.payload, attempt });
      const answer = await http.request({ method: 'POST', url: 'https://parrot.test/say', headers, body });
      if (answer.status === 'answered') return judge(answer.httpStatus, answer.text, Object.values(settings));
      const reason = hidden(answer.reason, Object.values(settings));
      if (answer.sent) return { status: 'unknown', reason };
      return { status: 'unsent', reason, ...(answer.afterMs !== undefined && { afterMs: answer.afterMs }) };
    },
    presence: {
      markableMs: 60_000,
      markRead: ({ providerId }, call) => signal(`heard/${providerId}`, call),
      typing: ({ from }, call) => signal(`breathing/${from.userId}`, call),
    },
  },
  accounts: {
    discover: async () => ({
      status: 'ok',
      value: [{ address: ACCOUNT.group, name: 'Aviary', details: {}, accounts: [] }],
    }),
    subscribe: async () => ({ status: 'ok', value: {} }),
    unsubscribe: async () => ({ status: 'ok', value: undefined }),
    isGone: ({ code }) => code === 404,
    health: ({ status }) => (typeof status === 'string' ? { status } : {}),
    present: (groups) =>
      groups.map(({ address, accounts }) => ({ id: address, accounts: accounts.map((one) => one.address) })),
  },
  dialog: { variablesFor: ({ address }) => ({ 'parrot.name': address }) },
};

export const parrotType: GatewayType = {
  type: 'parrot',
  contract: CONTRACT_VERSION,
  settings: [
    { name: 'token', required: true, secret: true, description: 'What we are let in by.' },
    { name: 'seal', required: true, secret: true, description: 'What requests are signed with.' },
    { name: 'knock', required: true, secret: true, description: 'What proves that the callback is ours.' },
  ],
  channels: [parrot],
  webhook: {
    maxBytes: 1_000_000,
    handshake({ method, query }, { settings }) {
      if (method !== 'GET' || !query.has('knock')) return undefined;
      const isOurs = query.get('knock') === settings['knock'];
      return {
        status: isOurs ? 200 : 403,
        contentType: 'text/plain',
        body: isOurs ? (query.get('challenge') ?? '') : 'no',
      };
    },
    verify({ headers, body }: WebhookRequest, { settings }) {
      const secret = settings['seal'];
      if (!secret) return { ok: false, why: 'not-configured' };
      const [seconds, seal] = [headers['x-time'], headers['x-seal']];
      if (typeof seconds !== 'string' || typeof seal !== 'string' || !seconds || !seal)
        return { ok: false, why: 'unsigned' };
      const expected = Buffer.from(sign(secret, seconds, body));
      const given = Buffer.from(seal);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { ok: false, why: 'forged' };
      const off = Math.abs(Number(seconds) * 1_000 - NOW.getTime());
      return off <= TOLERANCE_MS ? { ok: true } : { ok: false, why: 'stale' };
    },
    split(body) {
      const said = isJsonObject(body) ? body['said'] : undefined;
      if (!Array.isArray(said))
        return [{ type: 'unhandled', code: 'body.invalid', detail: 'said is no list', path: '', raw: body }];
      return said.map((one, index) => ({ channel: 'parrot', path: `said[${index}]`, body: one }));
    },
  },
  warnings: () => [],
  policies: () => ({ windowUnknown: 'try', pairPace: 'lenient' }),
  verifySettings: async () => ({ status: 'ok' }),
  doctor: {
    examine: async () => [],
    handshake: ({ settings }, challenge) => ({ knock: settings['knock'] ?? '', challenge }),
  },
};

async function signal(what: string, { http, settings }: AccountCall): Promise<CallOutcome> {
  const headers = { authorization: `Bearer ${settings['token']}` };
  const answer = await http.request({ method: 'POST', url: `https://parrot.test/${what}`, headers });
  const secrets = Object.values(settings);
  if (answer.status === 'failed') return { status: 'unreachable', reason: hidden(answer.reason, secrets) };
  if (answer.httpStatus === 200) return { status: 'ok', value: undefined };
  const judged = judge(answer.httpStatus, answer.text, secrets);
  return judged.status === 'refused' ? judged : { status: 'unreachable', reason: `HTTP ${answer.httpStatus}` };
}

function eventOf(body: JsonValue, path: string): InboundEvent {
  const { id, from, text, status, at, attempt, code } = isJsonObject(body) ? body : ({} as JsonObject);
  const occurredAt = new Date(typeof at === 'number' ? at : NaN);
  if (typeof id !== 'string' || id === '' || Number.isNaN(occurredAt.getTime())) return broken(body, path);
  const account = { address: ACCOUNT.address, group: ACCOUNT.group };
  if (typeof status === 'string' && status !== '') {
    return {
      type: 'receipt',
      account,
      providerId: id,
      status,
      occurredAt,
      ...(typeof attempt === 'string' && { attempt }),
      ...((typeof code === 'number' || typeof code === 'string') && { error: { code, message: 'The parrot sleeps' } }),
      raw: body,
    };
  }
  if (typeof from !== 'string' || from === '' || typeof text !== 'string') return broken(body, path);
  const content: Content = { type: 'text', text };
  return { type: 'message', account, providerId: id, sender: { userId: from }, occurredAt, content, opensWindow: true };
}

function broken(raw: JsonValue, path: string): InboundEvent {
  return {
    type: 'unhandled',
    code: 'item.broken',
    detail: 'id, at, and from and text or status are needed',
    path,
    raw,
  };
}

function problemsOf(content: Content): readonly ContentProblem[] {
  const found: ContentProblem[] = [];
  const text = (path: string, value: string | undefined, max: number): void => {
    const length = textLength(value ?? '', 'utf16');
    if (length > max) found.push({ path, code: 'content.too_long', message: `is ${length} long; ${max} are allowed` });
  };
  const frame = ({ text: body, header, footer }: { text: string; header?: string; footer?: string }): void => {
    text('content.text', body, framed.bodyMax);
    text('content.header', header, framed.headerMax);
    text('content.footer', footer, framed.footerMax);
  };
  const option = (path: string, { id, title }: Pick<Button, 'id' | 'title'>): void => {
    text(`${path}.title`, title, framed.labelMax);
    text(`${path}.id`, id ?? title, 32);
  };
  const count = (path: string, length: number, max: number): void => {
    if (length > max)
      found.push({ path, code: 'content.too_long', message: `has ${length} entries; ${max} are allowed` });
  };
  if (content.type === 'text') text('content.text', content.text, 500);
  else if (content.type === 'image') text('content.caption', content.caption, 100);
  else if (content.type === 'buttons') {
    frame(content);
    count('content.buttons', content.buttons.length, 3);
    content.buttons.forEach((button, index) => option(`content.buttons[${index}]`, button));
  } else if (content.type === 'list') {
    frame(content);
    const rows = content.sections.flatMap((section) => section.rows);
    count('content.sections', content.sections.length, 2);
    count('content.sections', rows.length, 8);
    rows.forEach((one) => {
      option('content.sections', one);
      text('content.sections', one.description, 40);
    });
  } else {
    const message = `${isMedia(content) ? 'such a file' : content.type} cannot be said`;
    found.push({ path: 'content.type', code: 'content.unsupported', message });
  }
  return found;
}

function judge(httpStatus: number, text: string, secrets: readonly (string | undefined)[]): SendOutcome {
  const said = jsonOf(text);
  if (httpStatus === 200 && typeof said['id'] === 'string') return { status: 'accepted', providerId: said['id'] };
  const { code, words } = said;
  if (typeof code !== 'number' && typeof code !== 'string') return { status: 'unknown', reason: `HTTP ${httpStatus}` };
  return {
    status: 'refused',
    remote: { code, message: hidden(typeof words === 'string' ? words : '', secrets), httpStatus },
  };
}

function jsonOf(text: string): JsonObject {
  try {
    const said: unknown = JSON.parse(text);
    return isJsonObject(said) ? said : {};
  } catch {
    return {};
  }
}

const hidden = (text: string, secrets: readonly (string | undefined)[]): string =>
  secrets.reduce<string>((clean, secret) => clean.replaceAll(secret ?? '', '••••'), text);

const refused = (code: number | string) => answered(400, { code, words: 'The parrot sleeps' });

export const subject: ContractSubject = {
  type: parrotType,
  settings: { token: 'token-of-a-parrot-4711', seal: 'seal-of-a-parrot-4711', knock: 'knock-of-a-parrot-4711' },
  now: NOW,
  toleranceMs: TOLERANCE_MS,
  sign({ body, settings, at }) {
    const seconds = String(Math.floor(at.getTime() / 1_000));
    return { 'x-time': seconds, 'x-seal': sign(settings['seal'] ?? 'none', seconds, body) };
  },
  channels: {
    parrot: {
      account: ACCOUNT,
      recipient: { userId: 'ann' },
      payloads: {
        message: { said: [{ id: '1', from: 'ann', text: 'Hello', at: 1 }] },
        several: {
          said: [
            { id: '2', from: 'ann', text: 'Are you there?', at: 2 },
            { id: '3', from: 'bob', text: 'Am I?', at: 3 },
          ],
        },
        sent: { said: [{ id: 'p1', status: 'sent', attempt: 'a', at: 4 }] },
        failed: { said: [{ id: 'p1', status: 'failed', code: 7, at: 5 }] },
      },
      envelopes: [envelope('said')],
      network: {
        accepts: answered(200, { id: 'p9' }),
        refusal: refused,
        receipt: (code) => ({ said: [{ id: 'p1', status: 'failed', code, at: 6 }] }),
      },
    },
  },
};
