import { describe, expect, it } from '@jest/globals';
import { fakeGraph, failed, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { templates } from './templates.js';

const ROUTE = 'GET 102290129340398/message_templates';
const list = (graph: ReturnType<typeof fakeGraph>) => templates.list('102290129340398', gatewayCall(graph.http));
const node = (name: string, more: object = {}) => ({
  id: '594025772900001',
  name,
  language: 'en_US',
  status: 'APPROVED',
  category: 'UTILITY',
  components: [],
  ...more,
});

describe('the list of templates', () => {
  it('has every page, in our own words where they are ours and in Meta’s where they are not', async () => {
    const components = [
      { type: 'HEADER', format: 'TEXT', text: 'Order {{order}}' },
      { type: 'BODY', text: 'Hi {{name}}' },
      { type: 'BUTTONS', buttons: [{ type: 'URL', url: 'https://x.example/{{1}}' }, { type: 'QUICK_REPLY' }] },
    ];
    const quality = { quality_score: { score: 'GREEN', date: 1750000000 }, rejected_reason: 'NONE' };
    const first = node('a', { components, parameter_format: 'NAMED', ...quality });
    const graph = fakeGraph({
      [ROUTE]: [
        { json: { data: [first], paging: { next: 'https://n.example/', cursors: { after: 'c' } } } },
        {
          json: { data: [node('b', { status: 'REJECTED', rejected_reason: 'SCAM', language: 'en-GB' }), { id: '9' }] },
        },
      ],
    });
    const parameters = {
      format: 'named',
      header: { kind: 'text', names: ['order'] },
      body: ['name'],
      buttons: [
        { kind: 'url', variable: true },
        { kind: 'quick_reply', variable: false },
      ],
    };
    expect(await list(graph)).toEqual({
      status: 'ok',
      value: [
        {
          id: '594025772900001',
          name: 'a',
          language: 'en_US',
          category: 'UTILITY',
          status: 'APPROVED',
          quality: 'GREEN',
          parameters,
          components,
        },
        {
          id: '594025772900001',
          name: 'b',
          language: 'en_GB',
          category: 'UTILITY',
          status: 'REJECTED',
          reason: 'SCAM',
          parameters: { format: 'positional', body: null, buttons: [] },
          components: [],
        },
      ],
    });
  });

  it('is asked for in brief where a field is not known', async () => {
    const graph = fakeGraph({
      [ROUTE]: [graphError(100, '(#100) Tried accessing nonexisting field'), { json: { data: [node('a')] } }],
    });
    expect(await list(graph)).toMatchObject({ status: 'ok', value: [{ name: 'a' }] });
    expect(graph.seen[1]?.query.get('fields')).not.toContain('quality_score');
  });

  it.each([
    ['refused', graphError(190, 'dead token'), 'refused'],
    ['not answered', failed(true), 'unreachable'],
    ['answered by a fault that passes', graphError(2, 'Service temporarily unavailable', {}, 500), 'unreachable'],
  ])('is no list when it is %s', async (_, reply, status) => {
    expect((await list(fakeGraph({ [ROUTE]: reply }))).status).toBe(status);
  });
});

describe('what Meta’s words mean', () => {
  it.each([
    ['AUTHENTICATION', 'authentication'],
    ['UTILITY', 'utility'],
    ['MARKETING', 'marketing'],
    ['SOMETHING_NEW', 'marketing'],
  ])('category %s is class %s', (category, messageClass) => {
    expect(templates.classOf(category)).toBe(messageClass);
  });

  it.each([
    ['APPROVED', 'usable'],
    ['SOMETHING_NEW', 'usable'],
    ['PAUSED', 'paused'],
    ['REJECTED', 'unusable'],
    ['DISABLED', 'unusable'],
    ['DELETED', 'unusable'],
  ])('status %s is %s', (status, standing) => {
    expect(templates.standingOf(status)).toBe(standing);
  });
});
