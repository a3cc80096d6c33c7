import { describe, expect, it } from '@jest/globals';
import type { ShownHold } from '../admission/account-facts.repository.js';
import { standingView } from './standing-view.js';

const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 20, hour));
const hold = (more: Partial<ShownHold>): ShownHold => ({
  accountId: 'a',
  class: 0,
  code: 'payment.required',
  detail: 'Meta cannot charge the account',
  since: at(10),
  until: at(11),
  ...more,
});

describe('what holds an account', () => {
  it('is nothing', () => {
    expect(standingView([])).toEqual({});
  });

  it('is told once for each cause, with the classes that it concerns', () => {
    const paid = ([3, 0, 2] as const).map((rank, index) =>
      hold({ class: rank, since: at(10 + index), until: at(12 - index) }),
    );
    const all = ([0, 1, 2, 3] as const).map((rank) => hold({ class: rank, code: 'number.unregistered', until: null }));
    expect(standingView([...paid, ...all])).toEqual({
      holds: [
        {
          code: 'number.unregistered',
          detail: 'Meta cannot charge the account',
          since: at(10).toISOString(),
          until: null,
        },
        {
          code: 'payment.required',
          detail: 'Meta cannot charge the account',
          classes: ['authentication', 'utility', 'marketing'],
          since: at(10).toISOString(),
          until: at(12).toISOString(),
        },
      ],
    });
  });
});
