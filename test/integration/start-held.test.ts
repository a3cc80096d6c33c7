import { beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { HeadsRepository } from '../../src/delivery/admission/heads.repository.js';
import { holdEverything } from '../../src/delivery/admission/start-held.js';
import { FREE_FORM, UTILITY } from '../../src/delivery/message-class.js';
import { AttemptRepository } from '../../src/delivery/attempt.repository.js';
import { OutboundRepository } from '../../src/delivery/outbound.repository.js';
import type { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/ids/ids.js';
import { openTestDatabase } from '../support/database.js';

/** A backup of a running process has messages that were admitted, and BullMQ's jobs for them beside them. */
describe('a start that is held', () => {
  let database: Database;
  const now = new Date();
  const log = pino({ level: 'silent' });
  const outbound = new OutboundRepository();
  const heads = new HeadsRepository();
  const accountId = newId();

  beforeAll(async () => {
    database = await openTestDatabase();
  });

  async function admitted() {
    const messageId = newId();
    const attemptId = newId();
    const row = {
      messageId,
      threadId: newId(),
      class: UTILITY,
      seq: '1',
      gatewayId: accountId,
      accountId,
      contactId: newId(),
      part: 'content' as const,
      kind: FREE_FORM,
      hasFallback: false,
      opens: false,
      windowUntil: null,
      expiresAt: null,
      sendAt: null,
      templateId: null,
    };
    await database.transaction(async (sql) => {
      await outbound.insert(sql, [row], now);
      await heads.admit(sql, [{ messageId, attemptId, hasPlace: false }], now);
    });
    return { messageId, attemptId };
  }

  it('lets no job carry out what a backup shows as admitted, and counts no attempt for it', async () => {
    const { messageId, attemptId } = await admitted();
    await holdEverything(database, log);
    const claimed = await database.transaction((sql) =>
      new AttemptRepository().claim(sql, [{ messageId, attemptId }], newId(), now),
    );
    expect(claimed).toEqual([]);
    const [row] = await database.query('SELECT state, attempt FROM outbound WHERE message_id = $1', [messageId]);
    expect(row).toEqual({ state: 'ready', attempt: 0 });
  });

  it('pauses everything once, however often it is started', async () => {
    await holdEverything(database, log);
    await holdEverything(database, log);
    const pauses = await database.query('SELECT gateway_id, account_id, class, until FROM pause');
    expect(pauses).toEqual([{ gateway_id: null, account_id: null, class: null, until: null }]);
  });
});
