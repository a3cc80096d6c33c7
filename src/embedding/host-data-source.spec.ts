import { describe, expect, test } from '@jest/globals';
import { addressOf } from './host-data-source.js';

const of = (options: object) => addressOf({ options: options as { type: string } });

describe('the address of a host’s DataSource', () => {
  test.each([
    ['a URL', { url: 'postgres://u:p@db/x' }, { connectionString: 'postgres://u:p@db/x' }],
    [
      'parts',
      { host: 'db', port: 5433, username: 'u', password: 'p', database: 'x', schema: 'shop', poolSize: 3 },
      { host: 'db', port: 5433, user: 'u', password: 'p', database: 'x' },
    ],
    ['TLS', { host: 'db', ssl: { ca: 'pem' } }, { host: 'db', ssl: { ca: 'pem' } }],
    [
      'TLS among the extras',
      { url: 'postgres://db/x', extra: { ssl: true, max: 4 } },
      { connectionString: 'postgres://db/x', ssl: true },
    ],
    [
      'a primary with replicas',
      { replication: { master: { host: 'one', username: 'u' }, slaves: [] } },
      { host: 'one', user: 'u' },
    ],
  ])('is read from %s', (_, options, address) => {
    expect(of({ type: 'postgres', ...options })).toEqual(address);
  });

  test('is asked for anew by a function, for passwords that do not last', () => {
    const password = () => 'fresh';
    expect(of({ type: 'postgres', host: 'db', password })).toEqual({ host: 'db', password });
  });

  test('is that of a PostgreSQL', () => {
    expect(() => of({ type: 'mysql', host: 'db', password: 'hunter2' })).toThrow(
      /given a DataSource of the type mysql/,
    );
  });
});
