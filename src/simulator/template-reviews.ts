import type { SentMessage } from './message.types.js';
import type { Platform } from './platform.js';
import type { JsonObject, SimTemplate } from './world.types.js';

/** What Meta says about a template. Meta: webhooks/reference/message_template_status_update */
export interface TemplateReview {
  /** @default the first WABA */
  wabaId?: string;
  name: string;
  /** @default 'en_US' */
  language?: string;
  event: 'APPROVED' | 'REJECTED' | 'PENDING' | 'PAUSED' | 'DISABLED' | 'IN_APPEAL' | 'FLAGGED' | 'REINSTATED';
  reason?: string;
  /** Of a pause: which one it is. */
  title?: 'FIRST_PAUSE' | 'SECOND_PAUSE' | 'UNPAUSE' | 'DISABLED';
}

/** Sets the status of a template and tells the subscribed apps. */
export function reviewTemplate(platform: Platform, review: TemplateReview): void {
  const [first] = platform.world.wabas.keys();
  const wabaId = review.wabaId ?? first ?? '';
  const language = review.language ?? 'en_US';
  const template = platform.world.waba(wabaId).templates.get(`${review.name}/${language}`);
  if (template === undefined) {
    throw new Error(`there is no template ${review.name} in ${language}`);
  }
  template.status = review.event;
  template.extra['rejected_reason'] = review.event === 'REJECTED' ? (review.reason ?? 'INVALID_FORMAT') : 'NONE';
  void platform.webhooks.publish({
    wabaId,
    phoneNumberId: undefined,
    field: 'message_template_status_update',
    value: statusValue(template, review),
    kind: 'other',
    time: platform.clock.seconds(),
  });
}

function statusValue(template: SimTemplate, { event, reason, title }: TemplateReview): JsonObject {
  return {
    event,
    message_template_id: Number(template.id),
    message_template_name: template.name,
    message_template_language: template.language.replace('_', '-'),
    message_template_category: template.category,
    reason: reason ?? (event === 'REJECTED' ? 'INVALID_FORMAT' : 'NONE'),
    ...(title === undefined ? {} : { other_info: { title, description: title } }),
  };
}

/**
 * Ends the pacing of a template. `good`: what was held goes on its way; `bad`: the template is paused and each of them fails
 * with 132015. Meta: templates/template-pacing
 */
export function decidePacing(platform: Platform, name: string, verdict: 'good' | 'bad'): void {
  const isOf = (message: SentMessage): boolean => message.template === name;
  const held = platform.paced.filter(isOf);
  platform.paced = platform.paced.filter((message) => !isOf(message));
  for (const [wabaId, waba] of platform.world.wabas) {
    for (const template of waba.templates.values()) {
      if (template.name !== name) {
        continue;
      }
      template.pacing = false;
      if (verdict === 'bad') {
        reviewTemplate(platform, { wabaId, name, language: template.language, event: 'PAUSED', title: 'FIRST_PAUSE' });
      }
    }
  }
  for (const message of held) {
    void platform.receipts.begin(message, {}, verdict === 'bad' ? { code: 132015 } : undefined);
  }
}
