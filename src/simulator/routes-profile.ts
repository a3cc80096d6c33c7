import { reachPhoneNumber } from './graph-access.js';
import { invalidParameter } from './graph-error.js';
import type { GraphAnswer, GraphCall } from './graph.types.js';
import { parameter } from './graph.types.js';
import { longer, wrongValue } from './judgement.js';
import { ok } from './routes-discovery.js';
import type { JsonObject } from './world.types.js';

/** Characters at most. Meta: whatsapp/business-profiles */
const TEXTS: Readonly<Record<string, number>> = { about: 139, address: 256, description: 512, email: 128 };
const MAX_WEBSITES = 2;
const WEBSITE_LENGTH = 256;
const SHOWN = new Set([...Object.keys(TEXTS), 'profile_picture_url', 'websites', 'vertical', 'messaging_product']);

/** Only the fields that are asked for, and that have a value. Meta: whatsapp/business-profiles */
export function getProfile(call: GraphCall, phoneNumberId: string): GraphAnswer {
  const { profile } = reachPhoneNumber(call, phoneNumberId);
  const wanted = (parameter(call.request, 'fields') ?? 'messaging_product').split(',');
  const unknown = wanted.find((name) => !SHOWN.has(name));
  if (unknown !== undefined) {
    throw invalidParameter(`Tried accessing nonexisting field (${unknown}) on node type (WhatsAppBusinessProfile)`);
  }
  const own = Object.entries(profile).filter(([name]) => wanted.includes(name));
  return ok({ data: [{ ...Object.fromEntries(own), messaging_product: 'whatsapp' }] });
}

/** What is not named stays as it is; an empty text is taken away. */
export function setProfile(call: GraphCall, phoneNumberId: string): GraphAnswer {
  const number = reachPhoneNumber(call, phoneNumberId);
  const { messaging_product, profile_picture_handle, access_token: _token, ...given } = call.request.body;
  if (messaging_product !== 'whatsapp') {
    throw invalidParameter('The parameter messaging_product is required.');
  }
  judge(given);
  if (profile_picture_handle !== undefined && typeof profile_picture_handle !== 'string') {
    throw wrongValue('profile_picture_handle must be a string');
  }
  const picture =
    profile_picture_handle === undefined
      ? {}
      : { profile_picture_url: `https://pps.whatsapp.net/${profile_picture_handle}` };
  const next = Object.entries({ ...number.profile, ...given, ...picture });
  number.profile = Object.fromEntries(next.filter(([, value]) => value !== ''));
  return ok({ success: true });
}

function judge({ websites, vertical, ...texts }: JsonObject): void {
  for (const [name, value] of Object.entries(texts)) {
    const max = TEXTS[name];
    if (max === undefined) {
      throw invalidParameter(`Unexpected key "${name}" on param "whatsapp_business_profile".`);
    }
    if (typeof value !== 'string') {
      throw wrongValue(`${name} must be a string`);
    }
    if (longer(value, max)) {
      throw invalidParameter(`Param ${name} must be at most ${max} characters long.`);
    }
  }
  const { email } = texts;
  if (typeof email === 'string' && email !== '' && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw wrongValue('email is not an email address');
  }
  if (vertical !== undefined && typeof vertical !== 'string') {
    throw wrongValue('vertical must be a string');
  }
  if (websites === undefined) {
    return;
  }
  if (!Array.isArray(websites) || websites.length > MAX_WEBSITES) {
    throw invalidParameter(`Param websites must be an array of at most ${MAX_WEBSITES}.`);
  }
  const odd = (websites as unknown[]).find(
    (site) => typeof site !== 'string' || !/^https?:\/\//.test(site) || longer(site, WEBSITE_LENGTH),
  );
  if (odd !== undefined) {
    throw invalidParameter(
      `Param websites must hold web addresses with http:// or https:// of at most ${WEBSITE_LENGTH} characters.`,
    );
  }
}
