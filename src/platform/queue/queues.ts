/**
 * The BullMQ queues. A job is only ever a hint that a row in PostgreSQL wants attention: a job delivered twice does nothing
 * twice, and a lost one is found again by the sweeper.
 */
export const QUEUES = {
  /** key: scope of the callback; processes what was appended to the journal */
  inbox: 'inbox',
  /** key: a shard; claims due event lines and calls bots */
  dispatch: 'dispatch',
  /** key: an account; decides which messages may leave now */
  admit: 'admit',
  /** one job per admitted message and attempt (on PostgreSQL a job may carry several) */
  send: 'send',
  /** key: `fetch:` or `upload:` and the id of the row; carries one file */
  media: 'media',
} as const;

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

/** Bull's configuration key, so that a host application's own queues are left alone. */
export const BULL_CONFIG_KEY = 'patchbay';

export const REMOVE_WHEN_DONE = { removeOnComplete: true, removeOnFail: true } as const;

/**
 * How workers come through a fault. A job whose process died keeps its key's next kick waiting until it counts as stalled, so
 * that is noticed within seconds; and a worker that was refused a connection asks again soon, not after BullMQ's 15 s.
 */
export const WORKER_RESILIENCE = {
  lockDuration: 6_000,
  stalledInterval: 3_000,
  maxStalledCount: 1_000,
  runRetryDelay: 1_000,
} as const;
