import { describe, expect, it } from '@jest/globals';
import type { JsonObject, TemplateDraft } from '../../contract/index.js';
import { checkDraft, checkRevision } from './check-draft.js';

const BODY: JsonObject = { type: 'BODY', text: 'Your order is on its way' };

function draft(more: Partial<TemplateDraft> = {}): TemplateDraft {
  return { name: 'order_update', language: 'en_US', category: 'UTILITY', components: [BODY], ...more };
}

const withComponents = (...components: JsonObject[]) => draft({ components });
const header = (more: JsonObject) => withComponents({ type: 'HEADER', format: 'TEXT', ...more }, BODY);
const body = (more: JsonObject) => withComponents({ type: 'BODY', ...more });
const footer = (text: string) => withComponents(BODY, { type: 'FOOTER', text });
const buttons = (...list: JsonObject[]) => withComponents(BODY, { type: 'BUTTONS', buttons: list });
const quick = (text = 'Yes'): JsonObject => ({ type: 'QUICK_REPLY', text });
const url = (more: JsonObject = {}): JsonObject => ({ type: 'URL', text: 'Open', url: 'https://x.example/a', ...more });
const named = (text: string, ...params: string[]): TemplateDraft => ({
  ...body({
    text,
    example: { body_text_named_params: params.map((name) => ({ param_name: name, example: 'x' })) },
  }),
  parameterFormat: 'named',
});
const OTP: JsonObject = { type: 'OTP', otp_type: 'COPY_CODE' };
const authentication = (parts: {
  body?: JsonObject;
  footer?: JsonObject;
  buttons?: JsonObject[];
  more?: JsonObject[];
}) =>
  draft({
    category: 'AUTHENTICATION',
    components: [
      { type: 'BODY', add_security_recommendation: true, ...parts.body },
      ...(parts.footer ? [{ type: 'FOOTER', ...parts.footer }] : []),
      { type: 'BUTTONS', buttons: parts.buttons ?? [OTP] },
      ...(parts.more ?? []),
    ],
  });
const words = (count: number): string => Array.from({ length: count }, () => 'w').join(' ');
const APP = { package_name: 'com.acme', signature_hash: 'K8a/AINcGX7' };

describe('a template that Meta may be asked for', () => {
  it.each<[string, TemplateDraft]>([
    ['a plain body', draft()],
    ['a name of 512', draft({ name: 'a'.repeat(512) })],
    ['a category in lower case', draft({ category: 'marketing' })],
    ['a language without a country', draft({ language: 'uk' })],
    ['a header of 60', header({ text: 'h'.repeat(60) })],
    ['a header of 60 emoji', header({ text: '😀'.repeat(60) })],
    ['a header with a variable', header({ text: 'Order {{1}}', example: { header_text: ['7'] } })],
    ['a header with a file', header({ format: 'image', example: { header_handle: ['4:abc'] } })],
    ['a header with a place', header({ format: 'LOCATION' })],
    ['a body of 1024', body({ text: 'b'.repeat(1024) })],
    ['as many variables as fit', body({ text: `Hi {{1}} ${words(2)} {{2}} w`, example: { body_text: [['a', 'b']] } })],
    ['the same variable twice', body({ text: `Hi {{1}} ${words(5)} {{1}} w`, example: { body_text: [['a']] } })],
    ['samples as a flat list', body({ text: 'Hi {{1}}, thanks', example: { body_text: ['Ann'] } })],
    ['variables out of order', body({ text: 'Hi {{2}}, order {{1}} is there', example: { body_text: [['a', 'b']] } })],
    ['variables by name', named('Hi {{first_name}}, thanks', 'first_name')],
    ['a script without spaces', body({ text: '您好{{1}}欢迎', example: { body_text: [['安']] } })],
    ['a footer of 60', footer('f'.repeat(60))],
    ['ten quick replies', buttons(...Array.from({ length: 10 }, (_, at) => quick(`b${at}`)))],
    ['a label of 25', buttons(quick('q'.repeat(25)))],
    [
      'two links and a phone',
      buttons(url(), url(), { type: 'PHONE_NUMBER', text: 'Call', phone_number: '+1'.padEnd(20, '5') }),
    ],
    ['replies before links', buttons(quick(), quick('No'), url())],
    ['replies after links', buttons(url(), quick(), quick('No'))],
    ['a link of 2000', buttons(url({ url: 'https://x.example/'.padEnd(2000, 'a') }))],
    ['a link with a variable', buttons(url({ url: 'https://x.example/{{1}}', example: ['https://x.example/7'] }))],
    ['a coupon of 15', buttons({ type: 'COPY_CODE', example: 'C'.repeat(15) })],
    ['a flow', buttons({ type: 'FLOW', text: 'Start', flow_id: '1' })],
    ['a kind of button that is new to us', buttons({ type: 'HOLOGRAM', text: 'Look' })],
    ['a kind of component that is new to us', withComponents(BODY, { type: 'LIMITED_TIME_OFFER' })],
    ['a code to copy', authentication({ footer: { code_expiration_minutes: 90 } })],
    ['a code by one tap', authentication({ buttons: [{ ...OTP, otp_type: 'ONE_TAP', supported_apps: [APP] }] })],
    [
      'a code without a tap',
      authentication({
        buttons: [{ ...OTP, otp_type: 'ZERO_TAP', zero_tap_terms_accepted: true, supported_apps: Array(5).fill(APP) }],
      }),
    ],
    ['the longest life of a code', { ...authentication({}), ttlSeconds: 900 }],
    ['the shortest life of a marketing message', draft({ category: 'MARKETING', ttlSeconds: 43_200 })],
    ['a life as long as ever', draft({ ttlSeconds: -1 })],
  ])('has %s', (_, template) => {
    expect(checkDraft(template)).toEqual([]);
  });
});

describe('a template that Meta would refuse', () => {
  it.each<[string, TemplateDraft, path: string, code: string]>([
    ['a name of 513', draft({ name: 'a'.repeat(513) }), 'name', 'template.name'],
    ['capitals in its name', draft({ name: 'Order' }), 'name', 'template.name'],
    ['no name', draft({ name: '' }), 'name', 'template.name'],
    ['a language in words', draft({ language: 'English (US)' }), 'language', 'template.language'],
    ['a category of its own', draft({ category: 'NEWS' }), 'category', 'template.category'],
    ['no list of components', draft({ components: 'x' as never }), 'components', 'template.invalid'],
    ['no body', withComponents({ type: 'FOOTER', text: 'bye' }), 'components', 'template.invalid'],
    ['two bodies', withComponents(BODY, BODY), 'components[1]', 'template.invalid'],
    ['a component without a type', withComponents(BODY, {}), 'components[1].type', 'template.invalid'],
    ['a header of 61', header({ text: 'h'.repeat(61) }), 'components[0].text', 'template.too_long'],
    ['an empty header', header({ text: ' ' }), 'components[0].text', 'template.invalid'],
    ['a header without a format', header({ format: 7, text: 'x' }), 'components[0].format', 'template.header'],
    [
      'a header with two variables',
      header({ text: 'A {{1}} {{2}}', example: { header_text: ['a', 'b'] } }),
      'components[0].text',
      'template.variables',
    ],
    [
      'a header without its sample',
      header({ text: 'A {{1}}' }),
      'components[0].example.header_text',
      'template.sample',
    ],
    [
      'a header with a link for a file',
      header({ format: 'IMAGE', example: {} }),
      'components[0].example.header_handle',
      'template.sample',
    ],
    ['a body of 1025', body({ text: 'b'.repeat(1025) }), 'components[0].text', 'template.too_long'],
    [
      'a variable first',
      body({ text: '{{1}} is here now', example: { body_text: [['a']] } }),
      'components[0].text',
      'template.variables',
    ],
    [
      'a variable last',
      body({ text: 'here now is {{1}}', example: { body_text: [['a']] } }),
      'components[0].text',
      'template.variables',
    ],
    [
      'a gap in its numbers',
      body({ text: 'Hi {{1}}, {{3}} is there now', example: { body_text: [['a', 'b']] } }),
      'components[0].text',
      'template.variables',
    ],
    [
      'numbers from 0',
      body({ text: 'Hi {{0}}, thanks', example: { body_text: [['a']] } }),
      'components[0].text',
      'template.variables',
    ],
    [
      'a name among numbers',
      body({ text: 'Hi {{ann}}, thanks', example: { body_text: [['a']] } }),
      'components[0].text',
      'template.variables',
    ],
    ['braces that are no variable', body({ text: 'Hi {{1}, thanks' }), 'components[0].text', 'template.variables'],
    [
      'more variables than fit',
      body({ text: 'Hi {{1}} w {{2}}.', example: { body_text: [['a', 'b']] } }),
      'components[0].text',
      'template.variables',
    ],
    ['no samples', body({ text: 'Hi {{1}}, thanks' }), 'components[0].example.body_text', 'template.sample'],
    [
      'a sample too few',
      body({ text: 'Hi {{1}}, order {{2}} is there', example: { body_text: [['a']] } }),
      'components[0].example.body_text',
      'template.sample',
    ],
    [
      'an empty sample',
      body({ text: 'Hi {{1}}, thanks', example: { body_text: [['']] } }),
      'components[0].example.body_text',
      'template.sample',
    ],
    ['a number among names', named('Hi {{1}}, thanks', '1'), 'components[0].text', 'template.variables'],
    ['a capital in a variable', named('Hi {{First}}, thanks', 'First'), 'components[0].text', 'template.variables'],
    [
      'a name without a sample',
      named('Hi {{a}}, order {{b}} is there', 'a'),
      'components[0].example.body_text_named_params',
      'template.sample',
    ],
    ['a footer of 61', footer('f'.repeat(61)), 'components[1].text', 'template.too_long'],
    ['a variable in its footer', footer('Yours, {{1}}'), 'components[1].text', 'template.variables'],
    ['no buttons in its buttons', buttons(), 'components[1].buttons', 'template.buttons'],
    [
      'eleven buttons',
      buttons(...Array.from({ length: 11 }, (_, at) => quick(`b${at}`))),
      'components[1].buttons',
      'template.buttons',
    ],
    ['three links', buttons(url(), url(), url()), 'components[1].buttons', 'template.buttons'],
    [
      'two phones',
      buttons(...Array(2).fill({ type: 'PHONE_NUMBER', text: 'Call', phone_number: '+15550001' })),
      'components[1].buttons',
      'template.buttons',
    ],
    ['replies around a link', buttons(quick(), url(), quick('No')), 'components[1].buttons', 'template.buttons'],
    ['a label of 26', buttons(quick('q'.repeat(26))), 'components[1].buttons[0].text', 'template.too_long'],
    ['a variable in a label', buttons(quick('Yes {{1}}')), 'components[1].buttons[0].text', 'template.variables'],
    ['a button without a type', buttons({ text: 'x' }), 'components[1].buttons[0].type', 'template.buttons'],
    ['a code where none belongs', buttons(OTP), 'components[1].buttons[0].type', 'template.buttons'],
    [
      'a link of 2001',
      buttons(url({ url: 'https://x.example/'.padEnd(2001, 'a') })),
      'components[1].buttons[0].url',
      'template.too_long',
    ],
    ['a link to nowhere', buttons(url({ url: 'x.example' })), 'components[1].buttons[0].url', 'template.buttons'],
    [
      'a variable inside a link',
      buttons(url({ url: 'https://x.example/{{1}}/a', example: ['7'] })),
      'components[1].buttons[0].url',
      'template.variables',
    ],
    [
      'a link without its sample',
      buttons(url({ url: 'https://x.example/{{1}}' })),
      'components[1].buttons[0].example',
      'template.sample',
    ],
    [
      'a phone of 21',
      buttons({ type: 'PHONE_NUMBER', text: 'Call', phone_number: '+'.padEnd(21, '5') }),
      'components[1].buttons[0].phone_number',
      'template.too_long',
    ],
    [
      'a coupon of 16',
      buttons({ type: 'COPY_CODE', example: 'C'.repeat(16) }),
      'components[1].buttons[0].example',
      'template.too_long',
    ],
    ['a flow without a flow', buttons({ type: 'FLOW', text: 'Start' }), 'components[1].buttons[0]', 'template.buttons'],
    [
      'a text of its own for a code',
      authentication({ body: { text: 'Code {{1}}' } }),
      'components[0].text',
      'template.authentication',
    ],
    [
      'a header above a code',
      authentication({ more: [{ type: 'HEADER', format: 'TEXT', text: 'x' }] }),
      'components[2]',
      'template.authentication',
    ],
    [
      'a code that lasts 91 minutes',
      authentication({ footer: { code_expiration_minutes: 91 } }),
      'components[1].code_expiration_minutes',
      'template.authentication',
    ],
    [
      'two buttons for a code',
      authentication({ buttons: [OTP, OTP] }),
      'components[1].buttons',
      'template.authentication',
    ],
    [
      'a reply beside a code',
      authentication({ buttons: [quick()] }),
      'components[1].buttons',
      'template.authentication',
    ],
    [
      'a tap that nobody knows',
      authentication({ buttons: [{ ...OTP, otp_type: 'TWO_TAP' }] }),
      'components[1].buttons[0].otp_type',
      'template.authentication',
    ],
    [
      'one tap without an app',
      authentication({ buttons: [{ ...OTP, otp_type: 'ONE_TAP' }] }),
      'components[1].buttons[0].supported_apps',
      'template.authentication',
    ],
    [
      'one tap for six apps',
      authentication({ buttons: [{ ...OTP, otp_type: 'ONE_TAP', supported_apps: Array(6).fill(APP) }] }),
      'components[1].buttons[0].supported_apps',
      'template.authentication',
    ],
    [
      'no tap without its terms',
      authentication({ buttons: [{ ...OTP, otp_type: 'ZERO_TAP', supported_apps: [APP] }] }),
      'components[1].buttons[0].zero_tap_terms_accepted',
      'template.authentication',
    ],
    ['a code that lives 901 seconds', { ...authentication({}), ttlSeconds: 901 }, 'ttlSeconds', 'template.ttl'],
    ['a life of 29 seconds', draft({ ttlSeconds: 29 }), 'ttlSeconds', 'template.ttl'],
    [
      'a marketing message for an hour',
      draft({ category: 'MARKETING', ttlSeconds: 3600 }),
      'ttlSeconds',
      'template.ttl',
    ],
  ])('has %s', (_, template, path, code) => {
    expect(checkDraft(template)).toEqual([expect.objectContaining({ path, code })]);
  });
});

describe('a revision', () => {
  const template = {
    id: '1',
    name: 'a',
    language: 'en_US',
    category: 'UTILITY',
    status: 'APPROVED',
    parameters: { format: 'named', body: [], buttons: [] },
    components: [],
  } as const;

  it('is judged by what stays: the category, and how variables are called', () => {
    const { components } = named('Hi {{first_name}}, thanks', 'first_name');
    expect(checkRevision(template, { components })).toEqual([]);
    expect(checkRevision(template, { ttlSeconds: 43_201 })).toMatchObject([{ path: 'ttlSeconds' }]);
    expect(checkRevision({ ...template, category: 'NEW_AT_META' }, { components })).toEqual([]);
    expect(checkRevision(template, { components: [] })).toMatchObject([{ path: 'components' }]);
  });
});
