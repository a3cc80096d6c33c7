import { reachPhoneNumber } from './graph-access.js';
import { GraphError, invalidParameter } from './graph-error.js';
import type { GraphAnswer, GraphCall } from './graph.types.js';
import { parameter } from './graph.types.js';
import { ok } from './routes-discovery.js';
import type { SimPhoneNumber } from './world.types.js';

/** Registrations and deregistrations of a number in so many hours. Meta: support/error-codes, 133016 */
const MOST_IN_A_WHILE = 10;
const A_WHILE_MS = 72 * 60 * 60_000;

/** Sends a code to the number, to prove that it is one's own. Meta: business-phone-numbers/phone-numbers */
export function requestCode(call: GraphCall, phoneNumberId: string): GraphAnswer {
  const number = reachPhoneNumber(call, phoneNumberId);
  const [method, language] = [parameter(call.request, 'code_method'), parameter(call.request, 'language')];
  if (method !== 'SMS' && method !== 'VOICE') {
    throw invalidParameter('Param code_method must be one of {SMS, VOICE}');
  }
  if (language === undefined || !/^[a-z]{2,3}(_[A-Z]{2})?$/.test(language)) {
    throw invalidParameter('The parameter language is required.');
  }
  if (number.code_verification_status === 'VERIFIED') {
    throw new GraphError({ code: 136024, details: 'The phone number has already been verified' });
  }
  number.code = String(100_000 + (Number(number.id.slice(-6)) % 900_000));
  return ok({ success: true });
}

export function verifyCode(call: GraphCall, phoneNumberId: string): GraphAnswer {
  const number = reachPhoneNumber(call, phoneNumberId);
  const code = parameter(call.request, 'code');
  if (code === undefined || !/^\d{6}$/.test(code)) {
    throw invalidParameter('The parameter code is required.');
  }
  if (number.code_verification_status === 'VERIFIED') {
    throw new GraphError({ code: 136024, details: 'The phone number has already been verified' });
  }
  if (number.code !== code) {
    throw new GraphError({
      code: 136025,
      details: number.code === undefined ? 'No code was requested' : 'The code is wrong',
    });
  }
  number.code = undefined;
  number.code_verification_status = 'VERIFIED';
  return ok({ success: true });
}

/** Connects the number; sets its two-step PIN, or asks for it. Meta: business-phone-numbers/registration */
export function register(call: GraphCall, phoneNumberId: string): GraphAnswer {
  const number = reachPhoneNumber(call, phoneNumberId);
  const { messaging_product, pin, data_localization_region: region } = call.request.body;
  if (messaging_product !== 'whatsapp') {
    throw invalidParameter('The parameter messaging_product is required.');
  }
  if (typeof pin !== 'string' || !/^\d{6}$/.test(pin)) {
    throw invalidParameter('Param pin must be 6 digits.');
  }
  if (region !== undefined && !(typeof region === 'string' && /^[A-Z]{2}$/.test(region))) {
    throw invalidParameter('Param data_localization_region must be a country code.');
  }
  if (number.code_verification_status !== 'VERIFIED') {
    throw new GraphError({ code: 133006, details: 'The phone number must be verified before it is registered' });
  }
  attempt(call, number);
  if (number.pin !== undefined && number.pin !== pin) {
    throw new GraphError({ code: 133005, details: 'The PIN does not match the one that was set' });
  }
  number.pin = pin;
  number.status = 'CONNECTED';
  number.platform_type = 'CLOUD_API';
  return ok({ success: true });
}

/** The PIN stays. A number that is also in the WhatsApp Business app cannot be taken out here. */
export function deregister(call: GraphCall, phoneNumberId: string): GraphAnswer {
  const number = reachPhoneNumber(call, phoneNumberId);
  if (number.extra['is_on_biz_app'] === true) {
    throw invalidParameter('A number that is in use with the WhatsApp Business app cannot be deregistered.');
  }
  if (number.status !== 'CONNECTED') {
    throw new GraphError({ code: 133010, details: `The number is ${number.status}, not CONNECTED` });
  }
  attempt(call, number);
  number.status = 'DISCONNECTED';
  number.platform_type = 'NOT_APPLICABLE';
  return ok({ success: true });
}

function attempt({ platform }: GraphCall, number: SimPhoneNumber): void {
  const now = platform.clock.nowMs();
  number.registrations = number.registrations.filter((at) => at > now - A_WHILE_MS);
  if (number.registrations.length >= MOST_IN_A_WHILE) {
    throw new GraphError({ code: 133016, details: 'Too many attempts in 72 hours' });
  }
  number.registrations.push(now);
}
