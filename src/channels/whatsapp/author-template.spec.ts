import { describe, expect, it } from '@jest/globals';
import type { TemplateDraft } from '../../contract/index.js';
import { failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { authoring } from './author-template.js';

const WABA = '102290129340398';
const CREATE = `POST ${WABA}/message_templates`;
const components = [{ type: 'BODY', text: 'Hi {{name}}, thanks' }];
const DRAFT: TemplateDraft = { name: 'a', language: 'en_US', category: 'utility', components };
const KNOWN = {
  id: '7',
  name: 'a',
  language: 'en_US',
  category: 'UTILITY',
  status: 'APPROVED',
  quality: 'GREEN',
  parameters: { format: 'named', body: ['name'], buttons: [] },
  components,
} as const;

describe('a template that is made by the API', () => {
  it('is asked for in Meta’s words, and is what Meta made of it', async () => {
    const graph = fakeGraph({ [CREATE]: { json: { id: '7', status: 'PENDING', category: 'MARKETING' } } });
    const draft: TemplateDraft = { ...DRAFT, parameterFormat: 'named', allowCategoryChange: true, ttlSeconds: 60 };
    expect(await authoring.create(draft, WABA, gatewayCall(graph.http))).toEqual({
      status: 'ok',
      value: {
        id: '7',
        name: 'a',
        language: 'en_US',
        category: 'MARKETING',
        status: 'PENDING',
        parameters: { format: 'named', body: ['name'], buttons: [] },
        components,
      },
    });
    expect(JSON.parse(String(graph.seen[0]?.body))).toEqual({
      name: 'a',
      language: 'en_US',
      category: 'UTILITY',
      parameter_format: 'NAMED',
      allow_category_change: true,
      message_send_ttl_seconds: 60,
      components,
    });
  });

  it.each([
    ['refused', graphError(100, 'Invalid parameter', { error_subcode: 2388024 }), 'refused'],
    ['not answered', failed(true), 'unreachable'],
    ['answered without an id', { json: { success: true } }, 'refused'],
  ])('is none when it is %s', async (_, reply, status) => {
    const graph = fakeGraph({ [CREATE]: reply });
    expect((await authoring.create(DRAFT, WABA, gatewayCall(graph.http))).status).toBe(status);
  });

  it('is reviewed again when it is edited, and not when only its time to live is', async () => {
    const graph = fakeGraph({ 'POST 7': { json: { success: true } } });
    const call = gatewayCall(graph.http);
    const edited = [{ type: 'BODY', text: 'Hello {{name}}, thanks' }];
    expect(await authoring.revise(KNOWN, { components: edited }, call)).toEqual({
      status: 'ok',
      value: { ...KNOWN, status: 'PENDING', components: edited },
    });
    expect(JSON.parse(String(graph.seen[0]?.body))).toEqual({ components: edited });
    expect(await authoring.revise(KNOWN, { ttlSeconds: -1 }, call)).toEqual({ status: 'ok', value: KNOWN });
  });

  it('is deleted in one language, or in all', async () => {
    const graph = fakeGraph({ [`DELETE ${WABA}/message_templates`]: { json: { success: true } } });
    const call = gatewayCall(graph.http);
    expect(await authoring.remove({ name: 'a', id: '7' }, WABA, call)).toEqual({ status: 'ok', value: undefined });
    await authoring.remove({ name: 'a' }, WABA, call);
    expect(graph.seen.map(({ query }) => query.toString())).toEqual(['name=a&hsm_id=7', 'name=a']);
  });
});
