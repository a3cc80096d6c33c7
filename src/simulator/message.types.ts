import type { JsonObject } from './world.types.js';

/** The body of a send, with the parts that tests look at; everything else is there too. */
export interface MessageBody extends JsonObject {
  messaging_product?: string;
  type?: string;
  to?: string;
  recipient?: string;
  text?: { body: string; preview_url?: boolean };
  template?: { name: string; language: { code: string }; components?: JsonObject[] };
  interactive?: JsonObject & { type: string; body?: { text: string }; action?: JsonObject };
  reaction?: { message_id: string; emoji?: string };
  context?: { message_id: string };
  biz_opaque_callback_data?: string;
}

/** A message that the platform accepted. */
export interface SentMessage {
  /** The wamid. */
  id: string;
  at: number;
  appId: string;
  wabaId: string;
  phoneNumberId: string;
  /** Digits, when it was sent to a phone. */
  phone: string | undefined;
  /** The BSUID, when it was sent to one. */
  userId: string | undefined;
  type: string;
  /** What a person reads: text body, interactive body, caption or template name. */
  text: string | undefined;
  template: string | undefined;
  biz_opaque_callback_data: string | undefined;
  body: MessageBody;
}

export function plainTextOf(body: MessageBody): string | undefined {
  const typed = body[body.type ?? 'text'] as { body?: unknown; caption?: unknown; name?: unknown } | undefined;
  const text = body.interactive?.body?.text ?? typed?.body ?? typed?.caption ?? body.template?.name;
  return typeof text === 'string' ? text : undefined;
}
