import type {
  AccountCall,
  CallOutcome,
  CodeRequest,
  JsonObject,
  Registration,
  RegistrationFacet,
  RegistrationStep,
  RemoteError,
} from '../../contract/index.js';
import { asText, defined, graphClient, type GraphRequest } from '../graph/index.js';

/** From a new number to one that sends, and back (Meta: business-phone-numbers/phone-numbers, …/registration). */
export const registration: RegistrationFacet = { requestCode, verifyCode, register, deregister, next, missing };

/** What Meta's refusals of these calls ask for first (Meta: whatsapp/support/error-codes). */
const MISSING: ReadonlyMap<number | string, RegistrationStep> = new Map([
  [133000, 'deregister'],
  [133004, 'wait'],
  [133005, 'register'],
  [133006, 'request-code'],
  [133008, 'wait'],
  [133009, 'wait'],
  [133010, 'register'],
  [131045, 'register'],
  [133015, 'wait'],
  [133016, 'wait'],
  [136024, 'register'],
  [136025, 'request-code'],
]);

function missing({ code }: RemoteError): RegistrationStep | undefined {
  return MISSING.get(code);
}

/** What registering does not mend: the network itself has stopped the number. */
const STOPPED = new Set(['BANNED', 'DELETED', 'FLAGGED', 'RATE_LIMITED', 'RESTRICTED']);

/** A number is in use when it is CONNECTED; until then it is verified by a code, and registered with a PIN. */
function next(details: JsonObject): RegistrationStep | undefined {
  const status = asText(details['status']);
  if (status === undefined || status === 'CONNECTED' || STOPPED.has(status)) return undefined;
  const verification = asText(details['code_verification_status']);
  return verification === undefined || verification === 'VERIFIED' ? 'register' : 'request-code';
}

function requestCode({ method, language }: CodeRequest, call: AccountCall): Promise<CallOutcome> {
  return post('request_code', { form: { code_method: method.toUpperCase(), language } }, call);
}

function verifyCode(code: string, call: AccountCall): Promise<CallOutcome> {
  return post('verify_code', { form: { code } }, call);
}

async function register({ pin, region }: Registration, call: AccountCall): Promise<CallOutcome> {
  const json = defined({ messaging_product: 'whatsapp', pin, data_localization_region: region });
  const outcome = await post('register', { json }, call);
  return outcome.status === 'refused' ? { status: 'refused', remote: without(pin, outcome.remote) } : outcome;
}

function deregister(call: AccountCall): Promise<CallOutcome> {
  return post('deregister', { json: { messaging_product: 'whatsapp' } }, call);
}

async function post(edge: string, body: Pick<GraphRequest, 'form' | 'json'>, call: AccountCall): Promise<CallOutcome> {
  const path = `${encodeURIComponent(call.account.address)}/${edge}`;
  const answer = await graphClient(call).call({ method: 'POST', path, ...body });
  return answer.status === 'ok' ? { status: 'ok', value: undefined } : answer;
}

/** Meta repeats values that it does not like. */
function without(pin: string, remote: RemoteError): RemoteError {
  const clean = (text: string): string => text.replaceAll(pin, '••••');
  const { message, details } = remote;
  return { ...remote, message: clean(message), ...(details !== undefined && { details: clean(details) }) };
}
