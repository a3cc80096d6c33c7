import { describe, expect, it } from '@jest/globals';
import { messenger } from './index.js';

const type = messenger({ graphUrl: 'https://graph.test', graphVersion: 'v26.0' });
const key = (name: string) => type.settings.find((each) => each.name === name);

describe('the metadata of messenger', () => {
  it('has exactly the keys of the contract', () => {
    expect(type.settings.map(({ name }) => name)).toEqual([
      'whatsapp_token',
      'facebook_token',
      'client_id',
      'client_secret',
      'client_secret_previous',
      'verify_signature',
      'verify_token',
      'version',
      'graph_url',
      'oauth_config_id',
      'oauth_scopes',
      'oauth_url',
      'window_unknown',
      'in_doubt',
      'settle_seconds',
      'pace',
      'pair_pace',
      'portfolio',
      'echo_pause_minutes',
      'auto_read',
      'responder_role',
      'require_opt_in',
      'opt_out_words',
      'opt_in_words',
    ]);
  });

  it('hides what is secret, requires the token only, and generates the verify token', () => {
    const secret = type.settings.filter((each) => each.secret).map(({ name }) => name);
    expect(secret).toEqual([
      'whatsapp_token',
      'facebook_token',
      'client_secret',
      'client_secret_previous',
      'verify_token',
    ]);
    expect(type.settings.filter((each) => each.required)).toEqual([key('whatsapp_token')]);
    expect(key('verify_token')).toMatchObject({ generated: true, shownOnce: true });
  });

  it('takes its defaults from the options', () => {
    expect(key('version')?.default).toBe('v26.0');
    expect(key('graph_url')?.default).toBe('https://graph.test');
    expect([key('verify_signature')?.default, key('window_unknown')?.default]).toEqual(['on', 'try']);
  });

  it.each([
    ['whatsapp_token', 'EAAG-x_1', true],
    ['whatsapp_token', 'EAAG\r\nx-evil: 1', false],
    ['whatsapp_token', '', false],
    ['client_id', '1234567890', true],
    ['client_id', '12/../34', false],
    ['version', 'v26.0', true],
    ['version', '26.0', false],
    ['version', 'v26.0/../x', false],
    ['graph_url', 'http://127.0.0.1:4100/graph', true],
    ['graph_url', 'file:///etc', false],
    ['graph_url', 'https://user:pass@graph.test', false],
    ['graph_url', 'https://graph.test?x=1', false],
    ['graph_url', 'graph.test', false],
    ['oauth_config_id', '4711', true],
    ['oauth_config_id', 'x', false],
    ['oauth_scopes', 'business_management,whatsapp_business_messaging', true],
    ['oauth_scopes', 'a&b', false],
    ['oauth_url', 'http://127.0.0.1:4010', true],
    ['oauth_url', 'javascript:alert(1)', false],
    ['settle_seconds', '1', true],
    ['settle_seconds', '0', false],
    ['settle_seconds', '1.5', false],
    ['settle_seconds', '-3', false],
    ['pace', '20', true],
    ['pace', '0.5', true],
    ['pace', '0', false],
    ['pace', '0.000', false],
    ['pace', '-1', false],
    ['pace', '1e3', false],
    ['pace', 'fast', false],
    ['portfolio', '2729063490586005', true],
    ['portfolio', 'acme-emea', true],
    ['portfolio', 'a b', false],
    ['portfolio', '', false],
    ['opt_out_words', '', true],
    ['opt_out_words', 'STOP, ARRÊT ,СТОП,', true],
    ['opt_out_words', 'STOP, ?!', false],
    ['opt_out_words', 'x'.repeat(61), false],
    ['opt_in_words', Array(201).fill('go').join(','), false],
  ])('%s=%j is fine: %s', (name, value, isFine) => {
    expect(key(name)?.check?.(value) === undefined).toBe(isFine);
  });

  it.each([
    [{}, 'webhook.secret.missing'],
    [{ verify_signature: 'off' }, 'verify_signature'],
    [{ verify_signature: 'off', client_secret: 's' }, 'verify_signature'],
    [{ client_secret: 's', facebook_token: 'EAA' }, 'client_id is not set'],
  ])('%j warns of %s', (settings, words) => {
    expect(type.warnings(settings)).toEqual([expect.stringContaining(words)]);
  });

  it('does not warn when webhooks are verified', () => {
    const settings = { client_secret: 's', verify_signature: 'on' };
    expect(type.warnings(settings)).toEqual([]);
    expect(type.warnings({ ...settings, facebook_token: 'EAA', client_id: '77' })).toEqual([]);
  });

  it.each([
    [{}, { windowUnknown: 'try', pairPace: 'lenient' }],
    [
      { window_unknown: 'closed', in_doubt: 'fail', settle_seconds: '30' },
      { windowUnknown: 'closed', inDoubt: 'fail', settleMs: 30_000, pairPace: 'lenient' },
    ],
    [{ in_doubt: 'resend' }, { windowUnknown: 'try', inDoubt: 'resend', pairPace: 'lenient' }],
    [
      { pace: '12.5', pair_pace: 'strict', portfolio: '77' },
      { windowUnknown: 'try', pace: 12.5, pairPace: 'strict', portfolio: '77' },
    ],
    [
      { require_opt_in: 'off', opt_out_words: '', opt_in_words: ' , ' },
      { windowUnknown: 'try', pairPace: 'lenient' },
    ],
    [
      { require_opt_in: 'marketing', opt_out_words: 'STOP, stop all,', opt_in_words: 'GO' },
      {
        windowUnknown: 'try',
        pairPace: 'lenient',
        requireOptIn: 'marketing',
        optOutWords: ['STOP', 'stop all'],
        optInWords: ['GO'],
      },
    ],
    [{ echo_pause_minutes: '5' }, { windowUnknown: 'try', pairPace: 'lenient', echoPauseMs: 300_000 }],
    [{ echo_pause_minutes: '0' }, { windowUnknown: 'try', pairPace: 'lenient', echoPauseMs: 0 }],
    [{ auto_read: 'on' }, { windowUnknown: 'try', pairPace: 'lenient', autoRead: true }],
  ])('%j is the policy %j', (settings, policies) => {
    expect(type.policies(settings)).toEqual(policies);
  });

  it('shares a callback among the gateways of an app', () => {
    expect(type.webhook.shared?.prefix).toBe('meta');
    expect(type.webhook.shared?.key({ client_id: '77' })).toBe('77');
    expect(type.webhook.shared?.key({})).toBeUndefined();
  });
});
