import { type Findings, isAboutProof, MANAGEMENT, MESSAGING } from './findings.js';
import { doubtful, failed, fine, reasonOf, skipped, type Verdict, WHERE } from './step.js';

const DAY_MS = 24 * 60 * 60_000;
const SOON_DAYS = 14;

const NEW_TOKEN =
  'Generate a token for the system user, with both permissions and without an end, and save it as whatsapp_token.';

export function judgeToken({ call, token, proof }: Findings): Verdict {
  if (token.status === 'refused' && (proof === 'wanted' || isAboutProof(token.remote))) {
    return skipped('Meta says nothing about the token until the app secret is right.');
  }
  if (token.status === 'unreachable') {
    const advice = 'See whether this machine reaches it, and run the doctor again.';
    return failed(reasonOf(token), advice, 'environment: GRAPH_URL; metadata: graph_url');
  }
  if (token.status === 'refused') return failed(reasonOf(token), NEW_TOKEN, WHERE.systemUsers);
  const { isValid, problem, expiresAt } = token.value;
  if (!isValid) {
    return failed(`The token is not valid: ${problem ?? 'it expired or was revoked'}`, NEW_TOKEN, WHERE.systemUsers);
  }
  if (!expiresAt) return fine('The token is valid and does not end.');
  const left = expiresAt.getTime() - call.now.getTime();
  const until = `The token is valid until ${expiresAt.toISOString().slice(0, 10)}`;
  return left > SOON_DAYS * DAY_MS
    ? fine(`${until}.`)
    : doubtful(`${until}, which is soon.`, NEW_TOKEN, WHERE.systemUsers);
}

/** Whether the token can be asked for things at all; undefined: it can. */
export function tokenTrouble({ token }: Findings): string | undefined {
  return token.status === 'ok' && token.value.isValid
    ? undefined
    : 'Not looked at: the token is of no use (step token).';
}

export function judgeScopes(findings: Findings): Verdict {
  const { token } = findings;
  const trouble = tokenTrouble(findings);
  if (trouble !== undefined || token.status !== 'ok') return skipped(trouble ?? '');
  const missing = [MESSAGING, MANAGEMENT].filter((scope) => !token.value.scopes.has(scope));
  if (missing.length === 0) return fine(`The token has ${MESSAGING} and ${MANAGEMENT}.`);
  return failed(
    `The token lacks the permission ${missing.join(' and ')}.`,
    'Generate the token again and tick both permissions; then save it as whatsapp_token.',
    WHERE.systemUsers,
  );
}

export function judgeAppId(findings: Findings): Verdict {
  const { token, call } = findings;
  const clientId = call.settings['client_id'];
  const advice = 'Save the App ID of the app that the token was made for as client_id.';
  if (!clientId) {
    const detail = 'client_id is not set: the app-level webhook can neither be registered nor looked at.';
    return doubtful(detail, advice, WHERE.appBasic);
  }
  const trouble = tokenTrouble(findings);
  if (trouble !== undefined || token.status !== 'ok') return skipped(trouble ?? '');
  const { appId } = token.value;
  if (appId === undefined) return skipped('Meta does not say which app the token belongs to.');
  if (appId === clientId) return fine(`The token belongs to the app ${clientId}.`);
  return failed(`The token belongs to the app ${appId}, and client_id is ${clientId}.`, advice, WHERE.appBasic);
}

export function judgeAppSecret({ call, token, proof, subscriptions }: Findings): Verdict {
  const { client_id: clientId, client_secret: secret } = call.settings;
  const advice = 'Copy the App secret, and save it as client_secret.';
  if (!secret) {
    return failed('client_secret is not set: every webhook is refused.', advice, WHERE.appBasic);
  }
  const wrong =
    'client_secret is not the secret of the app: Meta refuses what it signs, and we refuse what Meta signs.';
  if (proof === 'wrong') return failed(wrong, advice, WHERE.appBasic);
  if (proof === 'right') return fine('Meta accepts what client_secret signs for this token.');
  // The token says nothing of it: the app itself is asked, with the secret for a password.
  const isOurApp = token.status !== 'ok' || token.value.appId === clientId;
  if (!clientId || !isOurApp || subscriptions === undefined) {
    return skipped('Not to be judged without a token that is of use, or the right client_id.');
  }
  if (subscriptions.status === 'ok') return fine('Meta accepts client_secret as the secret of the app client_id.');
  if (subscriptions.status === 'unreachable') return skipped(`Not looked at: ${reasonOf(subscriptions)}`);
  const detail = `Meta does not accept client_secret for the app ${clientId}: ${subscriptions.remote.message}`;
  return failed(detail, `${advice} See that client_id is that app's.`, WHERE.appBasic);
}
