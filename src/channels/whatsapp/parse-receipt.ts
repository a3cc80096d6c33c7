import type { JsonObject, JsonValue, Price, ReceiptReceived } from '../../contract/index.js';
import { asId, asObject, asText, defined, readWebhookError } from '../graph/index.js';
import { Broken, readTime, type ValueContext } from './reading.js';
import { identify, phoneDigits } from './sender.js';

/** One of `value.statuses[]` (Meta: webhooks/reference/messages/status). A word we do not know is kept as it is. */
export function readReceipt(status: JsonObject, context: ValueContext): ReceiptReceived {
  const providerId = asId(status['id']);
  if (providerId === undefined) throw new Broken('the status has no id');
  const word = asText(status['status']);
  if (word === undefined) throw new Broken('the status has no status');
  const isGroup = status['recipient_type'] === 'group';
  const ids = {
    // a group's status names the group in recipient_id
    phone: isGroup ? undefined : phoneDigits(status['recipient_id']),
    userId: asText(status['recipient_user_id']),
  };
  return defined({
    type: 'receipt' as const,
    account: context.account,
    providerId,
    status: word,
    participant: asId(status['recipient_participant_id']) ?? asText(status['recipient_participant_user_id']),
    occurredAt: readTime(status['timestamp'], context),
    attempt: asText(status['biz_opaque_callback_data']),
    recipient: ids.phone || ids.userId ? identify(ids, { ...context, isOneSender: false }) : undefined,
    error: readWebhookError(status['errors']),
    price: readPrice(asObject(status['pricing']), asObject(status['conversation'])),
    raw: status,
  });
}

/**
 * `type` and `category` say what it costs. Statuses of older Graph versions have `billable` in place of the type, and name the
 * category by the conversation alone (Meta: webhooks/reference/messages/status).
 */
function readPrice(pricing: JsonObject | undefined, conversation: JsonObject | undefined): Price | undefined {
  const category = asText(pricing?.['category']) ?? asText(asObject(conversation?.['origin'])?.['type']);
  const type = asText(pricing?.['type']) ?? oldType(pricing?.['billable']);
  if (category === undefined || type === undefined) return undefined;
  return defined({ category, type, subtype: asText(pricing?.['subtype']), model: asText(pricing?.['pricing_model']) });
}

function oldType(billable: JsonValue | undefined): string | undefined {
  if (typeof billable !== 'boolean') return undefined;
  return billable ? 'regular' : 'free_customer_service';
}
