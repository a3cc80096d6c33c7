import type { GraphErrorInput } from './graph-error.js';
import { GraphError } from './graph-error.js';
import type { MessageBody } from './message.types.js';
import { digitsOf } from './phone.js';
import type { JsonObject, SimPhoneNumber, SimTemplate, SimWaba } from './world.types.js';

export const REENGAGEMENT: GraphErrorInput = {
  code: 131047,
  message: 'Re-engagement message',
  details:
    'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
};

/** Whether the number may send at all, and to this recipient. Meta: support/error-codes */
export function judgeSender(number: SimPhoneNumber, phone: string | undefined): GraphError | undefined {
  if (number.status !== 'CONNECTED') {
    return new GraphError({ code: 133010, details: `The number is ${number.status}, not CONNECTED` });
  }
  if (phone !== undefined && number.allowedRecipients !== undefined && !number.allowedRecipients.has(phone)) {
    return new GraphError({
      code: 131030,
      subcode: 2655007,
      details:
        'Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.',
    });
  }
  return phone !== undefined && phone === digitsOf(number.display_phone_number)
    ? new GraphError({ code: 131021, details: 'Sender and recipient are the same' })
    : undefined;
}

/** The template a message names, undefined when the world declares none or the message is not a template. */
export function templateOf(waba: SimWaba, body: MessageBody): SimTemplate | undefined {
  return body.template === undefined
    ? undefined
    : waba.templates.get(`${body.template.name}/${body.template.language.code}`);
}

/** Only an approved template with the right number of parameters is taken, once the world declares templates. */
export function judgeTemplateUse(waba: SimWaba, body: MessageBody, byUserId: boolean): GraphError | undefined {
  if (body.template === undefined || waba.templates.size === 0) {
    return undefined;
  }
  const { name, language } = body.template;
  const template = templateOf(waba, body);
  if (template?.status === 'PAUSED') {
    return new GraphError({ code: 132015, details: `template name (${name}) is paused` });
  }
  if (template?.status === 'DISABLED') {
    return new GraphError({ code: 132016, details: `template name (${name}) is disabled` });
  }
  if (template?.status !== 'APPROVED') {
    return new GraphError({ code: 132001, details: `template name (${name}) does not exist in ${language.code}` });
  }
  if (byUserId && template.category === 'AUTHENTICATION') {
    return new GraphError({ code: 131062, details: 'Authentication templates need a phone number' });
  }
  const unequal = template.category === 'AUTHENTICATION' ? judgeCode(body) : undefined;
  if (unequal !== undefined) {
    return unequal;
  }
  const expected = bodyVariables(template);
  const given = body.template.components?.find((part) => String(part['type']).toLowerCase() === 'body')?.['parameters'];
  const count = Array.isArray(given) ? given.length : 0;
  return count === expected
    ? undefined
    : new GraphError({
        code: 132000,
        details: `body: number of localizable_params (${count}) does not match the expected number of params (${expected})`,
      });
}

/** The code stands in the text and in the button, at most 15 characters. Meta: templates/authentication-templates */
function judgeCode({ template }: MessageBody): GraphError | undefined {
  const valueOf = (type: string): unknown => {
    const component = template?.components?.find((part) => String(part['type']).toLowerCase() === type);
    const [parameter] = (component?.['parameters'] ?? []) as JsonObject[];
    return parameter?.['text'];
  };
  const code = valueOf('body');
  const button = valueOf('button');
  return button === undefined || (button === code && String(code).length <= 15)
    ? undefined
    : new GraphError({ code: 132012, details: 'The button carries the code of the body, of at most 15 characters' });
}

function bodyVariables(template: SimTemplate): number {
  const text = template.components.find((part) => String(part['type']).toUpperCase() === 'BODY')?.['text'];
  return new Set(typeof text === 'string' ? text.match(/\{\{\s*\w+\s*\}\}/g) : []).size;
}
