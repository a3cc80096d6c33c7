import type { Channel, RegistrationStep, RemoteError } from '../../contract/index.js';
import { Problem } from '../../platform/problem/problem.js';
import { ProviderProblem, providerProblem } from '../provider-problem.js';

const NEXT: Readonly<Record<RegistrationStep, string>> = {
  'request-code': 'Next: POST /accounts/:id/request-code, then verify-code with the code that comes to the number.',
  'verify-code': 'Next: POST /accounts/:id/verify-code with the code that came to the number.',
  register: 'Next: POST /accounts/:id/register with the PIN of the number.',
  deregister: 'Next: POST /accounts/:id/deregister, then register.',
  wait: 'There is nothing to do but to wait.',
};

/** What whoever takes a number into use is told when the network refused: its words, what they mean, and which step is missing. */
export function registrationProblem(
  outcome: Parameters<typeof providerProblem>[0],
  { outcomes, accounts }: Pick<Channel, 'outcomes' | 'accounts'>,
): Problem {
  const plain = providerProblem(outcome, outcomes, 'registration.refused');
  if (outcome.status !== 'refused' || plain.status !== 422) return plain;
  const { remote } = outcome;
  const row = outcomes.get(remote.code);
  const step = accounts.registration?.missing(remote);
  const detail = [row && `${row.title}.`, plain.detail, row?.advice, step && NEXT[step]].filter(Boolean).join(' ');
  return new RegistrationProblem(row?.code ?? plain.code, detail, remote, step);
}

class RegistrationProblem extends ProviderProblem {
  constructor(
    code: string,
    detail: string,
    remote: RemoteError,
    private readonly step: RegistrationStep | undefined,
  ) {
    super(422, code, detail, remote);
  }

  override toJSON(): object {
    return { ...super.toJSON(), ...(this.step && { nextStep: this.step }) };
  }
}
