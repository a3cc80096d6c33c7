import type { CallOutcome, GatewayCall } from '../../contract/index.js';
import { asId, asList, asNumber, asObject, asObjects, asText, scrub } from '../wire/index.js';
import { graphClient } from './client.js';

/** What `GET /debug_token` says about a token (Meta: graph-api/reference/debug_token). */
export interface TokenFacts {
  readonly isValid: boolean;
  /** why not, where Meta says so */
  readonly problem?: string;
  readonly appId?: string;
  /** whose token it is */
  readonly userId?: string;
  /** plain scopes and those that are limited to certain assets */
  readonly scopes: ReadonlySet<string>;
  /** the assets of limited scopes; a scope without an entry here means all assets of that kind */
  readonly targets: ReadonlyMap<string, readonly string[]>;
  /** of the token, or of its access to data, whichever is first */
  readonly expiresAt?: Date;
}

/**
 * A token may inspect itself: a system user's token works as bearer and as the one that is looked at.
 *
 * @param bearer who asks: the app itself is told too why a token works no more
 */
export async function debugToken(
  call: GatewayCall,
  bearer: string = call.settings['whatsapp_token'] ?? '',
): Promise<CallOutcome<TokenFacts>> {
  const token = call.settings['whatsapp_token'] ?? '';
  const answer = await graphClient(call, bearer).call({ path: 'debug_token', query: { input_token: token } });
  if (answer.status !== 'ok') return answer;
  const data = asObject(asObject(answer.value)?.['data']);
  if (data === undefined) return { status: 'unreachable', reason: 'debug_token answered without data' };
  const error = asObject(data['error']);
  const granular = asObjects(data['granular_scopes']);
  const targets = new Map<string, string[]>();
  for (const item of granular) {
    const scope = asText(item['scope']);
    const ids = asList(item['target_ids']).flatMap((id) => asId(id) ?? []);
    if (scope && ids.length > 0) targets.set(scope, [...(targets.get(scope) ?? []), ...ids]);
  }
  const scopes = [...asList(data['scopes']), ...granular.map((item) => item['scope'])].flatMap((s) => asText(s) ?? []);
  const appId = asId(data['app_id']);
  const userId = asId(data['user_id']);
  const problem = asText(error?.['message']);
  // 0: never
  const ends = [asNumber(data['expires_at']), asNumber(data['data_access_expires_at'])];
  const expiresAt = Math.min(...ends.map((end) => end || Number.POSITIVE_INFINITY));
  return {
    status: 'ok',
    value: {
      isValid: data['is_valid'] !== false && asNumber(error?.['code']) !== 190,
      scopes: new Set(scopes),
      targets,
      ...(appId && { appId }),
      ...(userId && { userId }),
      ...(problem && { problem: scrub(problem, [token]) }),
      ...(expiresAt > 0 && expiresAt < 8.64e12 && { expiresAt: new Date(expiresAt * 1000) }),
    },
  };
}
