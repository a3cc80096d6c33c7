import { getQueueToken } from '@nestjs/bullmq';
import { Test } from '@nestjs/testing';
import { pino } from 'pino';
import type { GatewayType } from '../../../src/contract/index.js';
import { AccountFactsRepository } from '../../../src/delivery/admission/account-facts.repository.js';
import { AdmitService } from '../../../src/delivery/admission/admit.service.js';
import { InboundEffects } from '../../../src/delivery/admission/inbound-effects.service.js';
import type { Scheduled } from '../../../src/delivery/admission/send-job.js';
import { SendQueue } from '../../../src/delivery/admission/send-queue.service.js';
import { TierLedger } from '../../../src/delivery/admission/tier-ledger.repository.js';
import { ClaimSweeper } from '../../../src/delivery/claim-sweeper.service.js';
import { DeliveryWorkerModule } from '../../../src/delivery/delivery-worker.module.js';
import { DeliveryModule } from '../../../src/delivery/delivery.module.js';
import { DoubtSweeper } from '../../../src/delivery/doubt-sweeper.service.js';
import { DueSweeper } from '../../../src/delivery/due-sweeper.service.js';
import { OutboundRepository } from '../../../src/delivery/outbound.repository.js';
import { TierLapseSweeper } from '../../../src/delivery/limits/tier-lapse-sweeper.service.js';
import { ReceiptsService } from '../../../src/delivery/receipts.service.js';
import { SenderService } from '../../../src/delivery/sender.service.js';
import { WithdrawService } from '../../../src/delivery/withdraw.service.js';
import { Consents } from '../../../src/dialog/consent/consents.service.js';
import { ContactRepository } from '../../../src/dialog/contact.repository.js';
import { DialogRepository } from '../../../src/dialog/dialog.repository.js';
import { MessageRepository } from '../../../src/dialog/message.repository.js';
import { ThreadRepository } from '../../../src/dialog/thread.repository.js';
import { GatewayDirectory } from '../../../src/gateway/gateway-directory.js';
import { GatewayModule } from '../../../src/gateway/gateway.module.js';
import { GatewayStatusService } from '../../../src/gateway/gateway-status.service.js';
import { ManualClock } from '../../../src/platform/clock/clock.js';
import { readConfig } from '../../../src/platform/config/read-config.js';
import type { Database } from '../../../src/platform/database/database.js';
import { PlatformModule } from '../../../src/platform/platform.module.js';
import { ProcessRegistry } from '../../../src/platform/process/process-registry.js';
import type { Sweeper } from '../../../src/platform/process/sweeper.js';
import { kickerToken } from '../../../src/platform/queue/queue.tokens.js';
import { QUEUES } from '../../../src/platform/queue/queues.js';
import { closeAtEnd, createDatabase, openTestDatabase } from '../../support/database.js';

/** Where the engine's jobs go: in the place of BullMQ, with a time that a test moves. */
export interface Carrier {
  kick(accountId: string): void;
  carry(accountId: string, scheduled: readonly Scheduled[], perSecond: number): void;
  waitingJobs(): number;
}

export const INSTALLATION = '00000000-0000-4000-8000-000000000000';

/** The real services of delivery on a real PostgreSQL, without BullMQ, timers and a network. */
export async function openEngine(type: GatewayType, carrier: () => Carrier) {
  const connectionString = await createDatabase();
  const database: Database = await openTestDatabase({ connectionString });
  const clock = new ManualClock();
  const none = { backend: 'postgresql', options: {}, prefix: '', check: async () => undefined, close: async () => {} };
  const config = { ...readConfig({ PUBLIC_URL: 'https://patchbay.example', ADMIN_API_KEY: 'admin-key-of-this-test' }) };
  const building = Test.createTestingModule({
    imports: [
      PlatformModule.forRoot({
        config: { ...config, roles: new Set(['worker'] as const) },
        log: pino({ level: 'silent' }),
        database,
        connectionString,
        installationId: INSTALLATION,
        encryptionKeys: [Buffer.alloc(32, 1)],
        queue: { ...none, backend: 'postgresql' as const },
        clock,
      }),
      GatewayModule.forRoot([type]),
      DeliveryWorkerModule,
    ],
  });
  for (const name of Object.values(QUEUES)) {
    const counts = async () => ({ waiting: carrier().waitingJobs(), delayed: 0 });
    building.overrideProvider(getQueueToken(name)).useValue({ name, on: () => undefined, getJobCounts: counts });
    const kick = (key: string) => (name === QUEUES.admit ? carrier().kick(key) : undefined);
    building.overrideProvider(kickerToken(name)).useValue({ kick, rescue: async (key: string) => kick(key) });
  }
  building.overrideProvider(SendQueue).useValue({
    add: async (accountId: string, scheduled: readonly Scheduled[], perSecond: number) =>
      carrier().carry(accountId, scheduled, perSecond),
  });
  const app = await building.compile();
  const any = { strict: false };
  const processes = app.get(ProcessRegistry, any);
  await processes.start();
  closeAtEnd(() => processes.stop());
  app.get(DeliveryModule, any).onModuleInit();
  const sender = app.get(SenderService, any);
  // The wait for the wire is the carrier's business here: it keeps the time.
  Object.assign(sender, { pace: { turn: async () => undefined } });
  return {
    database,
    clock,
    sender,
    admission: app.get(AdmitService, any),
    sweepers: [DueSweeper, ClaimSweeper, DoubtSweeper, TierLapseSweeper].map((sweeper) =>
      app.get<Sweeper>(sweeper, any),
    ),
    receipts: app.get(ReceiptsService, any),
    withdrawing: app.get(WithdrawService, any),
    outbound: app.get(OutboundRepository, any),
    ledger: app.get(TierLedger, any),
    facts: app.get(AccountFactsRepository, any),
    inbound: app.get(InboundEffects, any),
    consents: app.get(Consents, any),
    contacts: app.get(ContactRepository, any),
    threads: app.get(ThreadRepository, any),
    dialogs: app.get(DialogRepository, any),
    messages: app.get(MessageRepository, any),
    directory: app.get(GatewayDirectory, any),
    gateways: app.get(GatewayStatusService, any),
  };
}

export type Engine = Awaited<ReturnType<typeof openEngine>>;
