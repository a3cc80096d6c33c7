import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BullModule, InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import { Injectable, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { type Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { randomBytes } from 'node:crypto';
import { PatchbayModule } from '../../src/index.js';
import { eventually } from '../support/patchbay.js';
import { TestRedis, describeWithRedis } from '../support/redis.js';
import { dropDatabase, makeDatabase } from '../support/test-server.js';

const done: string[] = [];

/** A queue with the name of one of ours, on Bull's default configuration. */
@Processor('inbox')
class HostProcessor extends WorkerHost {
  async process(job: Job<{ order: string }>): Promise<void> {
    done.push(job.data.order);
  }
}

@Injectable()
class Orders {
  constructor(@InjectQueue('inbox') readonly queue: Queue) {}
}

describeWithRedis('a host with Bull queues of its own', () => {
  let redis: TestRedis;
  let database: string;
  let app: NestExpressApplication;

  beforeAll(async () => {
    redis = await TestRedis.start();
    database = await makeDatabase();
    const { hostname: host, port } = new URL(redis.url);

    @Module({
      imports: [
        BullModule.forRoot({ connection: { host, port: Number(port) } }),
        BullModule.registerQueue({ name: 'inbox' }),
        PatchbayModule.forRoot({
          publicUrl: 'https://app.example.com',
          dataSource: database,
          encryptionKey: randomBytes(32).toString('base64'),
          adminApiKey: 'an-admin-key-of-a-host',
          queue: { redis: { host, port: Number(port) }, prefix: 'shop' },
          settings: { LOG_LEVEL: 'silent' },
        }),
      ],
      providers: [HostProcessor, Orders],
    })
    class HostModule {}

    const testing = await Test.createTestingModule({ imports: [HostModule] }).compile();
    app = testing.createNestApplication<NestExpressApplication>({ logger: false });
    await app.listen(0, '127.0.0.1');
  });

  afterAll(async () => {
    await app.close();
    await redis.stop();
    await dropDatabase(database);
  });

  test('works off its own jobs and no other, and we ours', async () => {
    expect(app.get(Orders).queue).toHaveProperty('constructor', Queue);
    await app.get(Orders).queue.add('order', { order: 'one' });
    await eventually('the host to do its job', async () => done.includes('one'));
    const ready = await fetch(`${await app.getUrl()}/patchbay/health/ready`);
    expect(ready.status).toBe(200);
    const client = new Redis(redis.url);
    const keys = await client.keys('*');
    client.disconnect();
    const prefixes = [...new Set(keys.map((key) => key.split(':')[0]))].toSorted();
    expect(prefixes).toEqual(['bull', '{shop}']);
  });
});
