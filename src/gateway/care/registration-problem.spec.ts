import { describe, expect, it } from '@jest/globals';
import type { Channel, OutcomeRow, RegistrationStep } from '../../contract/index.js';
import { registrationProblem } from './registration-problem.js';

const row = (more: Partial<OutcomeRow>): OutcomeRow => ({
  code: 'number.registration',
  title: 'Not verified',
  action: 'fail',
  scope: 'account',
  ...more,
});

const channel = {
  outcomes: new Map([
    [6, row({ advice: 'Verify it.' })],
    [190, row({ code: 'token.invalid', action: 'hold', scope: 'gateway' })],
  ]),
  accounts: { registration: { missing: ({ code }: { code: number }) => (code === 6 ? 'request-code' : undefined) } },
} as unknown as Pick<Channel, 'outcomes' | 'accounts'>;

function shown(code: number, message = 'no') {
  return registrationProblem({ status: 'refused', remote: { code, message, httpStatus: 400 } }, channel).toJSON();
}

describe('what a refused registration says', () => {
  it('names what is missing and what to do', () => {
    expect(shown(6)).toMatchObject({
      status: 422,
      code: 'number.registration',
      detail: expect.stringMatching(/^Not verified\. .*\(6\).* Verify it\. Next: POST \/accounts\/:id\/request-code/),
      nextStep: 'request-code' satisfies RegistrationStep,
      provider: { code: 6 },
    });
  });

  it('passes on what is not known, and what the credentials are at fault for', () => {
    expect(shown(77)).toMatchObject({ status: 422, code: 'registration.refused', provider: { code: 77 } });
    expect(shown(77)).not.toHaveProperty('nextStep');
    expect(shown(190)).toMatchObject({ status: 502, code: 'provider.refused' });
  });

  it('says when the network was silent', () => {
    const silent = registrationProblem({ status: 'unreachable', reason: 'timeout' }, channel);
    expect(silent.toJSON()).toMatchObject({ status: 502, code: 'provider.unreachable' });
  });
});
