import type { JsonObject } from '../../contract/index.js';
import { asObjects, asText } from '../graph/index.js';
import type { DraftProblems, Placed } from './draft-problems.js';

/** Meta: whatsapp/templates/authentication-templates. The text is Meta's own. */
const TYPES = new Set(['BODY', 'FOOTER', 'BUTTONS']);
const OTP_TYPES = ['COPY_CODE', 'ONE_TAP', 'ZERO_TAP'];
const EXPIRES_MAX = 90;
const LABEL_MAX = 25;
const APPS_MAX = 5;

const CODE = 'template.authentication';

export function checkAuthentication(typed: ReadonlyMap<string, Placed>, problems: DraftProblems): void {
  for (const [type, { path }] of typed) {
    if (!TYPES.has(type))
      problems.report(path, CODE, `is a ${type}; an authentication template has body, footer, button`);
  }
  const body = typed.get('BODY');
  if (body && body.component['text'] !== undefined) {
    const message =
      'cannot be given: Meta writes the text of authentication templates; set add_security_recommendation';
    problems.report(`${body.path}.text`, CODE, message);
  }
  const footer = typed.get('FOOTER');
  if (footer) checkFooter(footer, problems);
  checkButton(typed.get('BUTTONS'), problems);
}

function checkFooter({ component, path }: Placed, problems: DraftProblems): void {
  if (component['text'] !== undefined) {
    problems.report(`${path}.text`, CODE, 'cannot be given: Meta writes it; set code_expiration_minutes');
  }
  const minutes = component['code_expiration_minutes'];
  const fits = typeof minutes === 'number' && Number.isInteger(minutes) && minutes >= 1 && minutes <= EXPIRES_MAX;
  if (!fits) problems.report(`${path}.code_expiration_minutes`, CODE, `must be a number from 1 to ${EXPIRES_MAX}`);
}

function checkButton(buttons: Placed | undefined, problems: DraftProblems): void {
  const given = asObjects(buttons?.component['buttons']);
  const [button] = given;
  const path = `${buttons?.path ?? 'components'}.buttons`;
  if (button === undefined || given.length > 1 || asText(button['type'])?.toUpperCase() !== 'OTP') {
    problems.report(buttons ? path : 'components', CODE, 'must have exactly one button, of type OTP');
    return;
  }
  const own = `${path}[0]`;
  const otpType = asText(button['otp_type'])?.toUpperCase() ?? '';
  if (!OTP_TYPES.includes(otpType)) problems.report(`${own}.otp_type`, CODE, `must be one of ${OTP_TYPES.join(', ')}`);
  for (const label of ['text', 'autofill_text']) {
    if (button[label] !== undefined) problems.text(`${own}.${label}`, button[label], LABEL_MAX);
  }
  if (otpType === 'ONE_TAP' || otpType === 'ZERO_TAP') checkApps(button, own, problems);
  if (otpType === 'ZERO_TAP' && button['zero_tap_terms_accepted'] !== true) {
    problems.report(`${own}.zero_tap_terms_accepted`, CODE, 'must be true: zero-tap has terms of its own');
  }
}

/** Those that may be handed the code; older definitions name the one app beside the button's type. */
function checkApps(button: JsonObject, path: string, problems: DraftProblems): void {
  const apps = button['supported_apps'] === undefined ? [button] : asObjects(button['supported_apps']);
  const isNamed = (app: JsonObject): boolean =>
    asText(app['package_name']) !== undefined && asText(app['signature_hash']) !== undefined;
  if (apps.length >= 1 && apps.length <= APPS_MAX && apps.every(isNamed)) return;
  const message = `must be 1 to ${APPS_MAX} apps, each with package_name and signature_hash`;
  problems.report(`${path}.supported_apps`, CODE, message);
}
