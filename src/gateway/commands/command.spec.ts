import { describe, expect, it } from '@jest/globals';
import { readCommand, readIds } from './command.js';

const read = (query: string) =>
  readCommand(
    new URLSearchParams(query),
    new Map([
      ['whatsapp', 'whatsapp'],
      ['other', 'other'],
      ['sites', 'third'],
    ]),
  );

describe('a command', () => {
  it.each(['setup', 'search', 'subscribe', 'unsubscribe', 'remove'])('may be %s', (operation) => {
    expect(read(`whatsapp=${operation}`)).toMatchObject({ channel: 'whatsapp', operation, ids: [] });
  });

  it('is a search when nothing is said', () => {
    expect(read('whatsapp=')).toMatchObject({ operation: 'search' });
    expect(read('whatsapp')).toMatchObject({ operation: 'search' });
  });

  it('goes by the parameter that its channel declares, and by no other', () => {
    expect(read('sites=setup')).toMatchObject({ channel: 'third', operation: 'setup' });
    expect(read('third=setup')).toBeUndefined();
  });

  it('takes confirmations only when they are meant', () => {
    expect(read('whatsapp=remove&ack=true&force=true')).toMatchObject({ acknowledged: true, forced: true });
    for (const value of ['', '1', 'yes', 'TRUE', 'false', 'false&ack=true']) {
      expect(read(`whatsapp=remove&ack=${value}`)).toMatchObject({ acknowledged: false });
    }
  });

  it.each([
    '',
    'id=1',
    'whatsapp=Setup',
    'whatsapp=setup ',
    'whatsapp=delete',
    'WhatsApp=setup',
    'pages=setup',
    'instagram=',
    'whatsapp=setup&whatsapp=remove',
    'whatsapp=search&other=remove',
    'pages=setup&whatsapp=remove&ack=true',
    'whatsapp=unsubscribe&ids=1',
    'whatsapp=setup&flow=saml',
    'whatsapp=setup&flow=',
    'whatsapp=setup&flow=oauth&flow=oauth',
    'whatsapp=remove&ack=true&flow=oauth',
    'whatsapp=setup&origin=https://a.test',
    'whatsapp=setup&flow=oauth&origin=a&origin=b',
    'whatsapp=constructor',
    '__proto__=setup',
  ])('?%s is none', (query) => {
    expect(read(query)).toBeUndefined();
  });

  it('may be a setup through the consent screen', () => {
    expect(read('whatsapp=setup&flow=oauth')).toMatchObject({ operation: 'setup', flow: 'oauth' });
    const asked = read('whatsapp=setup&flow=oauth&ticket=t&origin=https://a.test');
    expect(asked).toMatchObject({ flow: 'oauth', origin: 'https://a.test' });
    expect(read('whatsapp=setup')).not.toHaveProperty('flow');
  });

  it('takes ids repeated and with commas, each once', () => {
    expect(readIds(['a,b', 'c', '', 'c', ' d ,,'])).toEqual(['a', 'b', 'c', 'd']);
    expect(readIds([',', ''])).toEqual([]);
  });
});
