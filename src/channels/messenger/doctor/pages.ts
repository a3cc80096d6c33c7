import type { CallOutcome } from '../../../contract/index.js';
import { asId, asObject, asText, type TokenFacts } from '../../graph/index.js';
import { PAGE_FIELDS, subscribedFields } from '../../page/index.js';
import { type Findings, isProofBad, ourAppOf } from './findings.js';
import { type PageChannel, type PageFound, pageUsesOf } from './page-findings.js';
import { doubtful, failed, fine, listed, named, reasonOf, skipped, type Verdict, WHERE } from './step.js';

const DAY_MS = 24 * 60 * 60_000;
const SOON_DAYS = 14;

const NEW_TOKEN = 'Run setup with a token whose user has a role on the page: it reads new tokens of the pages.';

/** Meta: messenger-platform, instagram-platform: "permissions" of the page's token. */
const SCOPES: Readonly<Record<PageChannel, readonly string[]>> = {
  facebook: ['pages_messaging', 'pages_manage_metadata'],
  instagram: ['instagram_basic', 'instagram_manage_messages', 'pages_manage_metadata'],
};

const PARAMETERS: Readonly<Record<PageChannel, string>> = { facebook: 'pages', instagram: 'instagram' };

type Answers = NonNullable<PageFound['answers']>;
type Asked = PageFound & { readonly answers: Answers };

/** That setup has found pages, and that they are in use. */
export function judgePages({ call }: Findings): Verdict {
  const uses = pageUsesOf(call);
  const [first] = uses;
  if (!first) {
    const advice = 'Run setup. If it finds nothing, give the user of facebook_token a role on the page.';
    return doubtful('facebook_token is set, and no page is known yet.', advice, commandOf(call, 'facebook', 'setup'));
  }
  const active = uses.filter((use) => use.active);
  if (active.length > 0) return fine(`Active: ${listed(active.map(shown))}.`);
  const detail = 'Pages are known, but none is active: what people write to them goes to no bot.';
  const where = commandOf(call, first.channel, 'subscribe');
  const hasNumbers = call.groups.some(
    ({ channel, accounts }) => channel === 'whatsapp' && accounts.some((account) => account.active),
  );
  return hasNumbers ? doubtful(detail, 'Run subscribe.', where) : failed(detail, 'Run subscribe.', where);
}

/** Each page has a token of its own; whether it still works, for whom, and until when. */
export const judgePageTokens = ofPages((found, pages) => {
  const { call } = found;
  const setup = commandOf(call, 'facebook', 'setup');
  const bad = pages.flatMap((page) => {
    const problem = page.answers ? problemOf(page.answers.token, call.settings['client_id']) : 'no token is known';
    return problem === undefined ? [] : [`${shown(page)}: ${problem}`];
  });
  if (bad.length > 0) return failed(`Tokens of pages are of no use: ${listed(bad)}`, NEW_TOKEN, setup);
  const ends = pages.flatMap((page) => {
    const { expiresAt } = factsOf(page) ?? {};
    return expiresAt ? [{ page, expiresAt }] : [];
  });
  const soon = ends.filter(({ expiresAt }) => expiresAt.getTime() - call.now.getTime() <= SOON_DAYS * DAY_MS);
  const texts = soon.map(({ page, expiresAt }) => `${shown(page)} on ${expiresAt.toISOString().slice(0, 10)}`);
  if (soon.length > 0) return doubtful(`Tokens of pages end soon: ${listed(texts)}`, NEW_TOKEN, setup);
  return fine(`The tokens are valid: ${listed(pages.map(shown))}.`);
});

export const judgePageScopes = ofPages((_, pages) => {
  const judged = pages.flatMap((page) => {
    const facts = factsOf(page);
    return facts ? [{ page, missing: SCOPES[page.channel].filter((scope) => !facts.scopes.has(scope)) }] : [];
  });
  if (judged.length === 0) return skipped('Not looked at: no token of a page is of use (step page_token).');
  const bad = judged.filter(({ missing }) => missing.length > 0);
  if (bad.length === 0) return fine('The tokens of the pages have the permissions that they need.');
  const texts = bad.map(({ page, missing }) => `${shown(page)} lacks ${missing.join(' and ')}`);
  const advice =
    'Give the token for setup these permissions, and run setup: the tokens of pages take over what it may.';
  return failed(`Permissions are missing: ${listed(texts)}`, advice, WHERE.systemUsers);
});

/** The page itself, as it is shown to its own token. */
export const judgePageNodes = ofAsked((_, pages) => {
  const bad = pages.flatMap((page) => {
    const { node } = page.answers;
    return node.status === 'ok' ? [] : [`${shown(page)}: ${reasonOf(node)}`];
  });
  if (bad.length === 0) return fine(`Meta shows the pages to their own tokens: ${listed(pages.map(shown))}.`);
  const advice =
    'See that the page is there and published, and that the user of the token has a role on it; then run setup.';
  return failed(`Meta does not show ${listed(bad)}`, advice, WHERE.pages);
});

/** That the Instagram account still belongs to the page through which it writes. */
export const judgeInstagram = ofAsked((_, pages) => {
  const own = pages.filter(({ channel }) => channel === 'instagram');
  if (own.length === 0) return skipped('Not looked at: no Instagram account is set up here.');
  const read = own.flatMap((page) =>
    page.answers.node.status === 'ok' ? [{ page, node: page.answers.node.value }] : [],
  );
  if (read.length === 0) return skipped('Not looked at: Meta does not show the pages (step page).');
  const bad = read.flatMap(({ page, node }) => {
    const linked = asObject(node['instagram_business_account']);
    const id = asId(linked?.['id']);
    if (id === page.address) return [];
    const what = id === undefined ? 'no account' : `${asText(linked?.['username']) ?? 'another'} (${id})`;
    return [`${named({ name: page.pageName, address: page.page })} has ${what}, and not ${named(page)}`];
  });
  if (bad.length === 0) return fine(`Linked with their pages: ${listed(own.map(named))}.`);
  const advice = 'Link the account to its page again; if it is another one now, run setup and subscribe.';
  return failed(`Instagram accounts are not linked: ${listed(bad)}`, advice, WHERE.instagram);
});

/** That the app is told of the page at all, and of what. */
export const judgePageSubscriptions = ofAsked((found, pages) => {
  const inUse = pages.filter(({ active }) => active);
  if (inUse.length === 0) return skipped('Not looked at: no page is active (step pages).');
  const subscribe = 'Run subscribe; it is safe to repeat, and repairs this.';
  const judged = inUse.map((page) => ({ page, verdict: judgeSubscribed(found, page) }));
  const of = (status: Verdict['status']) =>
    judged.flatMap(({ page, verdict }) => (verdict.status === status ? [`${shown(page)} ${verdict.detail}`] : []));
  const where = (status: Verdict['status']) => {
    const first = judged.find(({ verdict }) => verdict.status === status);
    return commandOf(found.call, first?.page.channel ?? 'facebook', 'subscribe');
  };
  if (of('failed').length > 0) {
    return failed(`Nothing that people write comes in: ${listed(of('failed'))}`, subscribe, where('failed'));
  }
  if (of('skipped').length > 0) {
    const advice = 'Give the token pages_manage_metadata (step page_scopes), and run setup.';
    return failed(`Not to be seen: ${listed(of('skipped'))}`, advice, WHERE.systemUsers);
  }
  if (of('warning').length > 0) {
    return doubtful(`Some things are not told: ${listed(of('warning'))}`, subscribe, where('warning'));
  }
  return fine(`The app is subscribed to ${listed(inUse.map(shown))}, with all fields.`);
});

function judgeSubscribed(
  found: Findings,
  { channel, answers: { apps, token } }: Asked,
): Pick<Verdict, 'status' | 'detail'> {
  if (apps.status !== 'ok') return { status: 'skipped', detail: `(${reasonOf(apps)})` };
  const ourApp = ourAppOf(found) ?? (token.status === 'ok' ? token.value.appId : undefined);
  const fields = subscribedFields(apps.value, ourApp);
  if (!fields) return { status: 'failed', detail: `has not got the app ${ourApp ?? ''} among its subscriptions` };
  // Instagram needs the page subscribed, to whatever
  if (channel === 'instagram') return { status: 'ok', detail: '' };
  if (!fields.includes('messages')) return { status: 'failed', detail: 'is subscribed without the field messages' };
  const missing = PAGE_FIELDS.filter((field) => !fields.includes(field));
  if (missing.length === 0) return { status: 'ok', detail: '' };
  return { status: 'warning', detail: `is subscribed without ${missing.join(', ')}` };
}

function problemOf(token: CallOutcome<TokenFacts>, clientId: string | undefined): string | undefined {
  if (token.status !== 'ok') return reasonOf(token);
  const { isValid, problem, appId } = token.value;
  if (!isValid) return problem ?? 'it expired or was revoked';
  const isForeign = clientId !== undefined && clientId !== '' && appId !== undefined && appId !== clientId;
  return isForeign ? `it belongs to the app ${appId}, and client_id is ${clientId}` : undefined;
}

/** Of a token that is of use. */
function factsOf({ answers }: PageFound): TokenFacts | undefined {
  return answers?.token.status === 'ok' && answers.token.value.isValid ? answers.token.value : undefined;
}

function shown(use: Pick<PageFound, 'channel' | 'name' | 'address'>): string {
  return use.channel === 'instagram' ? `${named(use)} on Instagram` : named(use);
}

function commandOf({ gateway }: Findings['call'], channel: PageChannel, operation: 'setup' | 'subscribe'): string {
  return `GET /chat/${gateway.uri}?${PARAMETERS[channel]}=${operation}`;
}

/** For what is only true of pages that are known. */
function ofPages(judge: (found: Findings, pages: readonly PageFound[]) => Verdict) {
  return (found: Findings): Verdict => {
    if (isProofBad(found.proof) || !found.pages) {
      return skipped('Not looked at: Meta refuses every call until the app secret is right (step app_secret).');
    }
    return found.pages.length === 0
      ? skipped('Not looked at: no page is set up here (step pages).')
      : judge(found, found.pages);
  };
}

/** Of those whose token is good for anything. */
function ofAsked(judge: (found: Findings, pages: readonly Asked[]) => Verdict) {
  return ofPages((found, pages) => {
    const asked = pages.filter((page): page is Asked => factsOf(page) !== undefined);
    return asked.length === 0
      ? skipped('Not looked at: no token of a page is of use (step page_token).')
      : judge(found, asked);
  });
}
