import { describe, expect, it } from '@jest/globals';
import type { Template } from './template.repository.js';
import { whatChanged } from './what-changed.js';

const template: Template = {
  id: '1',
  groupId: 'g',
  name: 'promo',
  language: 'en_US',
  providerId: null,
  category: 'MARKETING',
  status: 'APPROVED',
  standing: 'usable',
  quality: null,
  reason: null,
  pausedUntil: null,
  parameters: { format: 'positional', body: [], buttons: [] },
  components: [],
};

describe('what is told of a template', () => {
  it('names what became another one, and what it was', () => {
    const after: Template = { ...template, status: 'PAUSED', quality: 'RED', components: [{ type: 'BODY' }] };
    expect(whatChanged(template, after)).toEqual({
      change: 'changed',
      changed: ['status', 'quality', 'definition'],
      previous: { status: 'APPROVED', quality: null },
    });
  });

  it('is nothing when nothing of that changed', () => {
    expect(
      whatChanged(template, { ...template, providerId: '5', reason: 'x', pausedUntil: new Date(0) }),
    ).toBeUndefined();
  });

  it('is that it is there when it is new', () => {
    expect(whatChanged(undefined, template)).toEqual({ change: 'created' });
  });
});
