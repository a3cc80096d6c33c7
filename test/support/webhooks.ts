import type { JsonObject, Simulator } from '../../src/simulator/simulator.js';
import { WORLD } from './stage.js';

/** A webhook body as Meta writes it, with one change. */
export function webhookOf(value: JsonObject, field = 'messages', waba: string = WORLD.wabaId): JsonObject {
  return { object: 'whatsapp_business_account', entry: [{ id: waba, changes: [{ field, value }] }] };
}

/** The value of a `messages` change with these messages or statuses. */
export function valueOf(
  items: { messages?: JsonObject[]; statuses?: JsonObject[] },
  number: string = WORLD.phoneNumberId,
): JsonObject {
  return {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550783881', phone_number_id: number },
    ...items,
  };
}

/** A text as an item of `messages[]`. */
export function textItem(
  from: string,
  id: string,
  body: string,
  timestamp = Math.floor(Date.now() / 1_000),
): JsonObject {
  return { from, id, timestamp: String(timestamp), type: 'text', text: { body } };
}

/** Posts it, signed; a webhook that is not taken with 200 is a failure of the test. */
export async function postSigned(sim: Simulator, body: JsonObject | string | Buffer): Promise<void> {
  const { status } = await sim.postWebhook(body);
  if (status !== 200) throw new Error(`the webhook was answered ${status}`);
}
