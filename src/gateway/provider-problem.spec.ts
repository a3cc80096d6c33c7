import { describe, expect, it } from '@jest/globals';
import type { OutcomeRow, RemoteError } from '../contract/index.js';
import { providerProblem } from './provider-problem.js';

const row = (code: string, more: Partial<OutcomeRow> = {}): OutcomeRow => ({
  code,
  title: 'No',
  action: 'fail',
  scope: 'contact',
  ...more,
});

const TABLE = new Map<number | string, OutcomeRow>([
  [10, row('permission.missing', { action: 'hold', scope: 'gateway' })],
  ['10.2018278', row('window.closed', { action: 'fallback', advice: 'They must write first.' })],
  [2388023, row('template.blocked')],
  [613, row('rate.account', { action: 'retry', scope: 'account' })],
]);

function shown(remote: Partial<RemoteError>): object {
  const refused = { code: 1, message: 'no', httpStatus: 400, ...remote };
  return providerProblem({ status: 'refused', remote: refused }, TABLE, 'presence.refused').toJSON();
}

describe('what whoever asked is told when the network refused', () => {
  it.each<[string, Partial<RemoteError>, object]>([
    ['the row of a code with its subcode', { code: 10, subcode: 2018278 }, { status: 422, code: 'window.closed' }],
    ['the code alone', { code: 10, subcode: 7 }, { status: 502, code: 'provider.refused' }],
    ['the row of a subcode alone', { code: 100, subcode: 2388023 }, { status: 422, code: 'template.blocked' }],
    ['what passes', { code: 613 }, { status: 502, code: 'provider.refused' }],
    ['what nobody knows', { code: 77 }, { status: 422, code: 'presence.refused' }],
    ['a fault of the network', { code: 77, httpStatus: 500 }, { status: 502, code: 'provider.refused' }],
  ])('goes by %s', (_, remote, expected) => {
    expect(shown(remote)).toMatchObject(expected);
  });

  it('has the words of the network, what to do, and the codes', () => {
    expect(shown({ code: 10, subcode: 2018278, message: 'outside of allowed window' })).toMatchObject({
      detail: 'The network refused (2018278): outside of allowed window They must write first.',
      provider: { code: 10, subcode: 2018278 },
    });
  });
});
