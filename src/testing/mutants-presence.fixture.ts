import type { PresenceFacet } from '../contract/index.js';
import { type Mutant, withTyping } from './mutations.fixture.js';
import { parrot } from './parrot.fixture.js';

const typed: PresenceFacet['typing'] = (message, call) =>
  parrot.outbound.presence?.typing(message, call) ?? Promise.reject(new Error('the parrot shows nothing'));

/** Faults in what people see between two messages. */
export const PRESENCE_MUTANTS: readonly Mutant[] = [
  [
    'presence that is shown to nobody',
    'shows what it declares of presence, by a call each',
    /typing made 0 calls/,
    withTyping(async () => ({ status: 'ok', value: undefined })),
  ],
  [
    'presence that says of whom to nobody',
    'shows what it declares of presence, by a call each',
    /typing names neither the message nor its person \(message-4711, ann\)/,
    withTyping(async ({ providerId }, call) => typed({ providerId, from: { userId: 'all' } }, call)),
  ],
  [
    'a refusal that presence takes for an answer',
    'says of presence what the network said',
    /refused with 7.*typing came to ok/,
    withTyping(async (message, call) => {
      const outcome = await typed(message, call);
      return outcome.status === 'refused' ? { status: 'ok', value: undefined } : outcome;
    }),
  ],
  [
    'presence that throws',
    'says of presence what the network said',
    /typing.*threw/,
    withTyping(async (message, call) => {
      const outcome = await typed(message, call);
      if (outcome.status === 'unreachable') throw new Error(outcome.reason);
      return outcome;
    }),
  ],
  [
    'a secret in what presence is refused for',
    'tells no secret in parts, problems, errors and log lines',
    /typing answers with the secret token/,
    withTyping(async (_message, call) => ({
      status: 'refused',
      remote: { code: 7, message: `not with ${call.settings['token']}` },
    })),
  ],
];
