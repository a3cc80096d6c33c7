import { describe, expect, it } from '@jest/globals';
import { readCommand, readIds } from './command.js';

const read = (query: string) => readCommand(new URLSearchParams(query), ['whatsapp', 'other']);

describe('a command', () => {
  it.each(['setup', 'search', 'subscribe', 'unsubscribe', 'remove'])('may be %s', (operation) => {
    expect(read(`whatsapp=${operation}`)).toMatchObject({ channel: 'whatsapp', operation, ids: [] });
  });

  it('is a search when nothing is said', () => {
    expect(read('whatsapp=')).toMatchObject({ operation: 'search' });
    expect(read('whatsapp')).toMatchObject({ operation: 'search' });
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
    'whatsapp=setup&flow=oauth',
    'whatsapp=constructor',
    '__proto__=setup',
  ])('?%s is none', (query) => {
    expect(read(query)).toBeUndefined();
  });

  it('takes ids repeated and with commas, each once', () => {
    expect(readIds(['a,b', 'c', '', 'c', ' d ,,'])).toEqual(['a', 'b', 'c', 'd']);
    expect(readIds([',', ''])).toEqual([]);
  });
});
