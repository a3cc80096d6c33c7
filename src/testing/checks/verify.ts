import type { GatewayContext, Verification, WebhookRequest } from '../../contract/index.js';
import { canonical, ensure, shown } from '../breach.js';
import type { GatewayCheck } from '../check.js';
import { attempt, pure } from '../pure.js';
import { contextOf, type GatewayStage } from '../stage.js';
import type { ContractSubject } from '../subject.js';

const TODO = {
  unsigned: 'In webhook.verify, answer {ok: false, why: "unsigned"} when the header that proves a request is missing.',
  forged:
    'In webhook.verify, compute what the proof must be from the raw bytes and the settings, and compare in constant time.',
  signed: "In webhook.verify, check the network's signature; in the subject, make it in sign().",
  stale:
    'In webhook.verify, compare the signed time with now, and answer {ok: false, why: "stale"} when they are too far apart.',
};

export const verifyChecks: readonly GatewayCheck[] = [
  {
    name: 'accepts what the network signed',
    section: 'verify',
    todo: TODO.signed,
    run(stage) {
      for (const body of bodiesOf(stage.subject)) {
        const verdict = pure('verify', () => verify(stage, { body, headers: signed(stage, body) }));
        ensure(verdict.ok, () => `a request that sign() made is refused as ${shown(verdict)}`);
      }
    },
  },
  {
    name: 'refuses what is unsigned',
    section: 'verify',
    todo: TODO.unsigned,
    run(stage) {
      const [body] = bodiesOf(stage.subject);
      refuses(verify(stage, { body, headers: {} }), 'a request without any header', 'unsigned');
      for (const name of Object.keys(signed(stage, body))) {
        const { [name]: _, ...others } = signed(stage, body);
        refuses(verify(stage, { body, headers: others }), `a request without the header ${name}`);
        refuses(verify(stage, { body, headers: { ...others, [name]: '' } }), `a request with an empty ${name}`);
      }
    },
  },
  {
    name: 'refuses what is forged',
    section: 'verify',
    todo: TODO.forged,
    run(stage) {
      const [body] = bodiesOf(stage.subject);
      const headers = signed(stage, body);
      const forger = stage.subject.sign({ body, settings: otherSecrets(stage.subject), at: nowOf(stage.subject) });
      ensure(canonical(forger) !== canonical(headers), () => 'sign() gives the same headers whatever the secrets are');
      refuses(verify(stage, { body, headers: forger }), 'a request that was signed with other secrets', 'forged');
      for (const [name, value] of Object.entries(headers)) {
        const last = value.at(-1) === 'x' ? 'y' : 'x';
        const changed = [
          `${value}${last}`,
          value.slice(0, -2),
          `${value.slice(0, 3)}${last}${value.slice(4)}`,
          '\u00e9',
        ];
        const bad = changed.find(
          (one) =>
            one !== value &&
            name !== 'content-type' &&
            verify(stage, { body, headers: { ...headers, [name]: one } }).ok &&
            isProof(stage, name),
        );
        ensure(
          bad === undefined,
          () => `a request whose header ${name} was changed from ${shown(value)} to ${shown(bad)} is accepted`,
        );
      }
      if (coversBody(stage))
        refuses(
          verify(stage, { body: Buffer.concat([body, Buffer.from(' ')]), headers }),
          'a request whose body got one byte more after it was signed',
          'forged',
        );
    },
  },
  {
    name: 'refuses everything while its secrets are not set',
    section: 'verify',
    todo: 'In webhook.verify, answer {ok: false, why: "not-configured"} when the secret is missing: never accept what cannot be checked.',
    run(stage) {
      const names = new Set(stage.subject.type.settings.filter(({ secret }) => secret).map(({ name }) => name));
      const settings = Object.fromEntries(Object.entries(stage.subject.settings).filter(([name]) => !names.has(name)));
      const [body] = bodiesOf(stage.subject);
      const verdict = verify(stage, { body, headers: signed(stage, body) }, contextOf(settings));
      refuses(verdict, 'a request to a gateway without secrets', 'not-configured');
    },
  },
  {
    name: 'refuses what is replayed',
    section: 'verify',
    todo: TODO.stale,
    skip: ({ subject }) =>
      subject.toleranceMs === undefined ? 'toleranceMs is absent: signatures carry no time' : undefined,
    run(stage) {
      const { subject } = stage;
      const [body] = bodiesOf(subject);
      const far = (subject.toleranceMs ?? 0) + 60_000;
      for (const off of [-far, far]) {
        const at = new Date(nowOf(subject).getTime() + off);
        const headers = subject.sign({ body, settings: subject.settings, at });
        refuses(
          verify(stage, { body, headers }),
          `a request that was signed at ${at.toISOString()}, while it is ${nowOf(subject).toISOString()}`,
          'stale',
        );
      }
    },
  },
  {
    name: 'shows that the callback is its own to who knows the secret only',
    section: 'handshake',
    todo: 'In webhook.handshake, compare the token with the setting in constant time, and answer 403 when it differs.',
    skip: ({ subject }) =>
      subject.type.doctor?.handshake
        ? undefined
        : 'doctor.handshake is absent: the network asks for no proof of ownership',
    run(stage) {
      const { type } = stage.subject;
      const query = new URLSearchParams(type.doctor?.handshake?.(stage.context, 'challenge-4711') ?? {});
      const request: WebhookRequest = { method: 'GET', query, headers: {}, body: Buffer.alloc(0) };
      const right = pure('handshake', () => type.webhook.handshake(request, stage.context));
      ensure(
        right?.status === 200 && right.body.includes('challenge-4711'),
        () => `the proof of ownership is answered with ${shown(right)}; expected is 200 and the challenge`,
      );
      const wrong = type.webhook.handshake(request, contextOf(otherSecrets(stage.subject)));
      ensure(
        wrong !== undefined && wrong.status >= 400,
        () => `with another token in the settings it is answered with ${shown(wrong)}; expected is 403`,
      );
      ensure(
        !wrong.body.includes('challenge-4711'),
        () => 'the challenge is told to somebody who does not know the token',
      );
    },
  },
];

function verify(
  { subject, context }: GatewayStage,
  { body, headers }: Pick<WebhookRequest, 'body' | 'headers'>,
  as: GatewayContext = context,
): Verification {
  const request = {
    method: 'POST',
    query: new URLSearchParams(),
    headers: Object.freeze({ ...headers }),
    body: Buffer.from(body),
  };
  const verdict = attempt('verify', () => subject.type.webhook.verify(request, as));
  ensure(request.body.equals(body), () => 'verify changed the bytes of the body');
  ensure(
    typeof verdict?.ok === 'boolean',
    () => `verify answered ${shown(verdict)}; it answers {ok: true} or {ok: false, why}`,
  );
  return verdict;
}

function refuses(verdict: Verification, what: string, why?: string): void {
  ensure(!verdict.ok, () => `${what} is accepted`);
  ensure(
    why === undefined || verdict.why === why,
    () => `${what} is refused as ${verdict.ok ? '' : verdict.why}; expected is ${why}`,
  );
}

function signed({ subject }: GatewayStage, body: Buffer): Readonly<Record<string, string>> {
  return subject.sign({ body, settings: subject.settings, at: nowOf(subject) });
}

/** A header without which nothing is accepted. */
function isProof(stage: GatewayStage, name: string): boolean {
  const [body] = bodiesOf(stage.subject);
  const { [name]: _, ...others } = signed(stage, body);
  return !verify(stage, { body, headers: others }).ok;
}

/** Whether the proof depends on the bytes, and is not just a secret that is repeated. */
function coversBody({ subject }: GatewayStage): boolean {
  const of = (text: string): string =>
    canonical(subject.sign({ body: Buffer.from(text), settings: subject.settings, at: nowOf(subject) }));
  return of('{"a":1}') !== of('{"a":2}');
}

/** The same settings, with secrets of somebody else's: of the same look, as far as that can be told. */
function otherSecrets({ type, settings }: ContractSubject): Record<string, string> {
  const other = { ...settings };
  for (const { name, secret } of type.settings) {
    const value = settings[name];
    if (secret && value !== undefined) other[name] = turned(value);
  }
  return other;
}

/** Another value with the same shape: letters become other letters, digits other digits; what comes first stays. */
function turned(value: string): string {
  const [start, rest] = [value.slice(0, 6), value.slice(6)];
  return (
    start +
    rest.replace(/[a-zA-Z0-9]/g, (one) =>
      /\d/.test(one)
        ? String((Number(one) + 1) % 10)
        : /z/i.test(one)
          ? one === 'z'
            ? 'a'
            : 'A'
          : String.fromCharCode(one.charCodeAt(0) + 1),
    )
  );
}

function nowOf({ now }: ContractSubject): Date {
  return now ?? new Date();
}

function bodiesOf({ channels }: ContractSubject): [Buffer, ...Buffer[]] {
  const bodies = Object.values(channels).flatMap(({ payloads }) => Object.values(payloads));
  const bytes = bodies.slice(0, 5).map((body) => Buffer.from(JSON.stringify(body)));
  return [Buffer.from('{"text":"grüße ✓"}'), ...bytes];
}
