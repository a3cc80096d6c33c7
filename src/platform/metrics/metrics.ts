import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Everything this process counts, under one registry: `GET /metrics`. */
export class Metrics {
  readonly registry = new Registry();

  readonly providerEvents = new Counter({
    name: 'patchbay_provider_events_total',
    help: 'Provider events by result: accepted, duplicate, unhandled, forged, unsigned, stale, not_configured, invalid, too_large',
    labelNames: ['gateway', 'result'],
    registers: [this.registry],
  });

  readonly unusedUpdates = new Counter({
    name: 'patchbay_unused_updates_total',
    help: 'What networks told and no use is made of, by kind; the journal keeps the bytes',
    labelNames: ['gateway', 'kind'],
    registers: [this.registry],
  });

  readonly messages = new Counter({
    name: 'patchbay_messages_total',
    help: 'Messages by direction and the status they reached',
    labelNames: ['direction', 'status'],
    registers: [this.registry],
  });

  readonly queueDepth = new Gauge({
    name: 'patchbay_queue_depth',
    help: 'Rows waiting, by queue: inbox, unhandled, events and outbound by state; estimated for tables above 16 MiB',
    labelNames: ['queue'],
    registers: [this.registry],
  });

  readonly queueAge = new Gauge({
    name: 'patchbay_queue_age_seconds',
    help: 'Age of the oldest waiting row, by queue',
    labelNames: ['queue'],
    registers: [this.registry],
  });

  readonly held = new Gauge({
    name: 'patchbay_held',
    help: 'Messages that something holds, by reason; estimated above 20,000',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  readonly heldAge = new Gauge({
    name: 'patchbay_held_age_seconds',
    help: 'For how long the oldest has been held, by reason',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  readonly inDoubt = new Gauge({
    name: 'patchbay_in_doubt',
    help: 'Messages of which it is not known whether the network took them',
    registers: [this.registry],
  });

  readonly unreceipted = new Gauge({
    name: 'patchbay_unreceipted',
    help: 'Messages accepted since the last receipt, of accounts that have waited five minutes for one (workers only)',
    labelNames: ['gateway', 'account'],
    registers: [this.registry],
  });

  readonly gatewayWarnings = new Gauge({
    name: 'patchbay_gateway_warning',
    help: '1 while a gateway wants attention, by the code of the warning',
    labelNames: ['gateway', 'code', 'subject'],
    registers: [this.registry],
  });

  readonly providerCalls = new Histogram({
    name: 'patchbay_provider_call_seconds',
    help: 'Calls to providers by host and result (HTTP status, unsent or lost)',
    labelNames: ['host', 'code'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });

  readonly circuitOpen = new Gauge({
    name: 'patchbay_circuit_open',
    help: '1 while calls to a host wait because it does not answer, 0 when it answers again',
    labelNames: ['host'],
    registers: [this.registry],
  });

  readonly sendResults = new Counter({
    name: 'patchbay_send_results_total',
    help: 'Outcomes of sends by neutral code',
    labelNames: ['channel', 'code'],
    registers: [this.registry],
  });

  readonly presence = new Counter({
    name: 'patchbay_presence_total',
    help: 'Messages marked as read and typing shown (label `sign`), by result: ok, refused, unreachable',
    labelNames: ['channel', 'sign', 'result'],
    registers: [this.registry],
  });

  readonly unknownReceipts = new Counter({
    name: 'patchbay_unknown_receipts_total',
    help: 'Receipts of messages that we know nothing of: another system’s on the same account, or come before our own record',
    registers: [this.registry],
  });

  readonly unknownCodes = new Counter({
    name: 'patchbay_unknown_codes_total',
    help: 'Refusals with a code that is not in the channel’s outcome table',
    labelNames: ['channel'],
    registers: [this.registry],
  });

  readonly botDeliveries = new Counter({
    name: 'patchbay_bot_deliveries_total',
    help: 'Calls to bots, webhooks and networks (label `to`) by result: delivered, refused, retried, parked, gone',
    labelNames: ['gateway', 'to', 'result'],
    registers: [this.registry],
  });

  readonly eventLag = new Histogram({
    name: 'patchbay_event_lag_seconds',
    help: 'From the webhook to the bot’s 2xx, first attempt',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [this.registry],
  });

  readonly media = new Counter({
    name: 'patchbay_media_total',
    help: 'Files carried from (in) and to (out) the networks by result: ready, failed (tried again), lost',
    labelNames: ['direction', 'result'],
    registers: [this.registry],
  });

  readonly repairs = new Counter({
    name: 'patchbay_repairs_total',
    help: 'What the sweeper had to put right, by kind',
    labelNames: ['kind'],
    registers: [this.registry],
  });

  readonly outcomesUnknown = new Counter({
    name: 'patchbay_outcomes_unknown_total',
    help: 'Attempts whose outcome stayed in doubt, by what was done: failed or resent',
    labelNames: ['action'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'patchbay_' });
  }
}
