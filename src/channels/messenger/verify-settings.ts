import type { GatewayCall, RemoteError, SettingsVerdict } from '../../contract/index.js';
import { debugToken, isPassing, type TokenFacts } from '../graph/index.js';
import { PAGE_TOKEN, SETUP_TOKEN } from '../page/index.js';

const SCOPES = ['whatsapp_business_messaging', 'whatsapp_business_management'];

/** Asks Meta about each token, as that token (Meta: graph-api/reference/debug_token). */
export async function verifySettings(call: GatewayCall): Promise<SettingsVerdict> {
  const { [PAGE_TOKEN]: page, [SETUP_TOKEN]: setup } = call.settings;
  // of one page: only asked about with that page's account
  if (page) return verifyPageToken(page, PAGE_TOKEN, call);
  const verdict = await verifyWhatsAppToken(call);
  if (verdict.status !== 'ok' || !setup) return verdict;
  const own = await verifyPageToken(setup, SETUP_TOKEN, call);
  // the gateway's credentials end with WhatsApp's: a token for setup may, and page tokens outlive it
  return own.status === 'ok' ? verdict : own;
}

async function verifyPageToken(token: string, key: string, call: GatewayCall): Promise<SettingsVerdict> {
  const answer = await debugToken({ ...call, settings: { ...call.settings, whatsapp_token: token } });
  if (answer.status === 'unreachable') return answer;
  const refused = (what: string, detail: string): SettingsVerdict => ({
    status: 'refused',
    code: `facebook.token.${what}`,
    detail,
    key,
    ...(key === PAGE_TOKEN && { advice: 'Run setup: it reads a new token of the page.' }),
  });
  if (answer.status === 'refused') {
    const { remote } = answer;
    if (isPassing(remote)) return { status: 'unreachable', reason: `Meta answered ${remote.code}: ${remote.message}` };
    return refused('invalid', `Meta does not accept the token: ${remote.message}`);
  }
  const { isValid, problem, scopes, appId, expiresAt } = answer.value;
  const clientId = call.settings['client_id'];
  if (!isValid) return refused('invalid', `The token is not valid: ${problem ?? 'expired or revoked'}`);
  if (!scopes.has('pages_messaging')) return refused('scope', 'The token lacks the permission pages_messaging.');
  if (clientId && appId !== undefined && appId !== clientId) {
    return refused('app', `The token belongs to the app ${appId}, not to client_id ${clientId}.`);
  }
  return { status: 'ok', ...(expiresAt && { expiresAt }) };
}

async function verifyWhatsAppToken(call: GatewayCall): Promise<SettingsVerdict> {
  const answer = await debugToken(call);
  switch (answer.status) {
    case 'unreachable':
      return answer;
    case 'refused':
      return judgeRefusal(answer.remote, call.settings['client_secret'] !== undefined);
    case 'ok':
      return judge(answer.value, call.settings['client_id']);
  }
}

function judgeRefusal(remote: RemoteError, hasSecret: boolean): SettingsVerdict {
  if (/appsecret_proof/i.test(`${remote.message} ${remote.details ?? ''}`)) {
    const what = hasSecret ? 'client_secret is not the secret of the app' : 'client_secret is needed by the app';
    const detail = `${what} that the token belongs to. Meta: ${remote.message}`;
    return { status: 'refused', code: 'whatsapp.secret.invalid', detail, key: 'client_secret' };
  }
  if (isPassing(remote)) return { status: 'unreachable', reason: `Meta answered ${remote.code}: ${remote.message}` };
  return token('invalid', `Meta does not accept the token: ${remote.message}`);
}

function judge(facts: TokenFacts, clientId: string | undefined): SettingsVerdict {
  if (!facts.isValid) return token('invalid', `The token is not valid: ${facts.problem ?? 'expired or revoked'}`);
  const missing = SCOPES.filter((scope) => !facts.scopes.has(scope));
  if (missing.length > 0) return token('scope', `The token lacks the permission ${missing.join(' and ')}.`);
  if (clientId && facts.appId !== undefined && facts.appId !== clientId) {
    return token('app', `The token belongs to the app ${facts.appId}, not to client_id ${clientId}.`);
  }
  return { status: 'ok', ...(facts.expiresAt && { expiresAt: facts.expiresAt }) };
}

function token(what: 'invalid' | 'scope' | 'app', detail: string): SettingsVerdict {
  return { status: 'refused', code: `whatsapp.token.${what}`, detail, key: 'whatsapp_token' };
}
