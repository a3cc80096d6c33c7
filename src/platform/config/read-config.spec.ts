import { describe, expect, it } from '@jest/globals';
import { ConfigError } from './config.js';
import { readConfig } from './read-config.js';

const key = Buffer.alloc(32, 7).toString('base64');

describe('readConfig', () => {
  it('needs nothing at all', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:3000',
      graphVersion: 'v26.0',
      apiRateLimit: 600,
      retentionEventsDays: 30,
      retentionMessagesDays: 365,
      allowPrivateUrls: true,
      logFormat: 'json',
    });
    expect([...config.roles]).toEqual(['api', 'worker']);
    expect(config.databaseUrl).toBeUndefined();
  });

  it('is strict about private URLs and keys once there is a database of one’s own', () => {
    expect(readConfig({ DATABASE_URL: 'postgres://db/x', ENCRYPTION_KEY: key }).allowPrivateUrls).toBe(false);
    expect(() => readConfig({ DATABASE_URL: 'postgres://db/x' })).toThrow(
      /ENCRYPTION_KEY.*given nothing.*openssl rand/,
    );
  });

  it('reads a rotation list of keys', () => {
    const second = Buffer.alloc(32, 9).toString('base64');
    expect(readConfig({ ENCRYPTION_KEY: `${key}, ${second}` }).encryptionKeys).toHaveLength(2);
  });

  it('drops trailing slashes, and takes empty values as absent', () => {
    expect(readConfig({ PUBLIC_URL: 'https://chat.example/base/', REDIS_URL: '' })).toMatchObject({
      publicUrl: 'https://chat.example/base',
    });
  });

  it('reads where files are kept, and keeps them as long as messages', () => {
    const given = 's3://files/chat/acme/?region=eu-central-1&endpoint=http%3A%2F%2F127.0.0.1%3A9000';
    expect(readConfig({ MEDIA_URL: given, RETENTION_MESSAGES_DAYS: '90' })).toMatchObject({
      mediaUrl: { bucket: 'files', prefix: 'chat/acme/', region: 'eu-central-1', endpoint: 'http://127.0.0.1:9000' },
      retentionMediaDays: 90,
      mediaLinkSeconds: 86_400,
    });
    expect(readConfig({ MEDIA_URL: 's3://files' }).mediaUrl).toEqual({ bucket: 'files', prefix: '' });
  });

  it.each([
    ['PORT', '70000', /PORT.*"70000".*0 to 65535/],
    ['PORT', '12x', /PORT.*"12x"/],
    ['RETENTION_EVENTS_DAYS', '7', /RETENTION_EVENTS_DAYS.*"7".*8 to 36500/],
    ['RETENTION_MESSAGES_DAYS', '0', /RETENTION_MESSAGES_DAYS.*"0".*8 to 36500/],
    ['RETENTION_MEDIA_DAYS', '7', /RETENTION_MEDIA_DAYS.*"7".*8 to 36500/],
    ['MEDIA_LINK_SECONDS', '59', /MEDIA_LINK_SECONDS.*"59".*60 to/],
    ['ACCOUNT_REFRESH_SECONDS', '9', /ACCOUNT_REFRESH_SECONDS.*"9".*10 to 86400/],
    ['MEDIA_URL', 'https://bucket.example', /MEDIA_URL.*https:.*s3:/],
    ['MEDIA_URL', 's3://key:pw@bucket', /MEDIA_URL.*credentials.*AWS_ACCESS_KEY_ID/],
    ['MEDIA_URL', 's3://bucket?zone=1', /MEDIA_URL.*zone/],
    ['MEDIA_URL', 's3://bucket?endpoint=ftp%3A%2F%2Fx', /MEDIA_URL.*ftp/],
    ['PUBLIC_URL', 'ftp://x', /PUBLIC_URL.*http/],
    ['PUBLIC_URL', 'nonsense', /PUBLIC_URL.*"nonsense"/],
    ['DATABASE_URL', 'mysql://secret:pw@x', /DATABASE_URL.*mysql:.*postgres:/],
    ['REDIS_URL', 'http://x', /REDIS_URL.*redis:/],
    ['ROLES', 'api,boss', /ROLES.*"boss".*api, worker/],
    ['ENCRYPTION_KEY', 'c2hvcnQ=', /ENCRYPTION_KEY.*5 bytes.*32 bytes/],
    ['ADMIN_API_KEY', 'short', /ADMIN_API_KEY.*5 characters/],
    ['GRAPH_VERSION', '26', /GRAPH_VERSION.*v26.0/],
    ['API_RATE_LIMIT', '0', /API_RATE_LIMIT/],
    ['ALLOW_PRIVATE_URLS', 'maybe', /ALLOW_PRIVATE_URLS.*true, false/],
    ['LOG_LEVEL', 'loud', /LOG_LEVEL.*info/],
    ['LOG_FORMAT', 'xml', /LOG_FORMAT.*pretty, json/],
  ])('refuses %s=%s with one sentence', (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value })).toThrow(message);
    expect(() => readConfig({ [name]: value })).not.toThrow(/pw@/);
  });
});
