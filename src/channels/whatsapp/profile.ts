import {
  type AccountCall,
  type BusinessProfile,
  type CallOutcome,
  type ContentProblem,
  type ProfileChange,
  type ProfileFacet,
  textLength,
} from '../../contract/index.js';
import { asList, asObject, asObjects, asText, defined, graphClient } from '../graph/index.js';
import { capabilities } from './capabilities.js';
import { isWebUrl } from './problems.js';

/** Characters at most (Meta: whatsapp/business-profiles). */
const TEXTS = { about: 139, address: 256, description: 512, email: 128 } as const;
const MAX_WEBSITES = 2;
const WEBSITE_LENGTH = 256;

const FIELDS = 'about,address,description,email,profile_picture_url,websites,vertical';

/** What people see of a number beside its name. */
export const profile: ProfileFacet = { check, read, write };

function check(change: ProfileChange): readonly ContentProblem[] {
  const problems: ContentProblem[] = [];
  for (const [path, max] of Object.entries(TEXTS)) {
    const text = change[path as keyof typeof TEXTS];
    if (text) problems.push(...tooLong(path, text, max));
  }
  if (change.email && !/^[^\s@]+@[^\s@]+$/.test(change.email)) {
    problems.push({ path: 'email', code: 'profile.invalid', message: 'must be an email address' });
  }
  const websites = change.websites ?? [];
  if (websites.length > MAX_WEBSITES) {
    const message = `has ${websites.length} addresses; WhatsApp allows ${MAX_WEBSITES}`;
    problems.push({ path: 'websites', code: 'profile.too_many', message });
  }
  for (const [index, website] of websites.entries()) {
    const path = `websites[${index}]`;
    problems.push(...tooLong(path, website, WEBSITE_LENGTH));
    if (isWebUrl(website)) continue;
    problems.push({ path, code: 'profile.invalid', message: 'must be an address with http:// or https://' });
  }
  return problems;
}

function tooLong(path: string, text: string, max: number): readonly ContentProblem[] {
  const { unit } = capabilities.text;
  const length = textLength(text, unit);
  if (length <= max) return [];
  const message = `is ${length} characters (Unicode code points) long; WhatsApp allows ${max}`;
  return [{ path, code: 'profile.too_long', message }];
}

const pathOf = (call: AccountCall): string => `${encodeURIComponent(call.account.address)}/whatsapp_business_profile`;

async function read(call: AccountCall): Promise<CallOutcome<BusinessProfile>> {
  const answer = await graphClient(call).call({ path: pathOf(call), query: { fields: FIELDS } });
  if (answer.status !== 'ok') return answer;
  const [found = {}] = asObjects(asObject(answer.value)?.['data']);
  const websites = asList(found['websites']).flatMap((website) => asText(website) ?? []);
  return {
    status: 'ok',
    value: defined({
      about: asText(found['about']),
      address: asText(found['address']),
      description: asText(found['description']),
      email: asText(found['email']),
      websites: websites.length > 0 ? websites : undefined,
      vertical: asText(found['vertical']),
      pictureUrl: asText(found['profile_picture_url']),
    }),
  };
}

/** Meta changes what is named, and takes an empty value for none. */
async function write(change: ProfileChange, call: AccountCall): Promise<CallOutcome> {
  const { about, address, description, email, websites, vertical, pictureHandle } = change;
  const texts = Object.entries({ about, address, description, email, vertical }).filter(
    ([, text]) => text !== undefined,
  );
  const answer = await graphClient(call).call({
    method: 'POST',
    path: pathOf(call),
    json: defined({
      messaging_product: 'whatsapp',
      ...Object.fromEntries(texts.map(([name, text]) => [name, text ?? ''])),
      websites: websites === undefined ? undefined : [...(websites ?? [])],
      profile_picture_handle: pictureHandle,
    }),
  });
  return answer.status === 'ok' ? { status: 'ok', value: undefined } : answer;
}
