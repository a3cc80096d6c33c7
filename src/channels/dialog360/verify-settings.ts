import type { GatewayCall, SettingsVerdict } from '../../contract/index.js';
import { dialog360Client } from './transport.js';

/** Asks 360dialog for the health of the key's number (360dialog: docs/messaging/health-status). */
export async function verifySettings(call: GatewayCall): Promise<SettingsVerdict> {
  const answer = await dialog360Client(call).call({ path: 'health_status' });
  if (answer.status === 'ok') return { status: 'ok' };
  if (answer.status === 'unreachable') return answer;
  const { code, message } = answer.remote;
  if (code === 'http.401') {
    const detail = `360dialog does not accept the API key: ${message}`;
    return { status: 'refused', code: '360dialog.key.invalid', detail, key: 'api_key' };
  }
  return { status: 'unreachable', reason: `360dialog answered ${code}: ${message}` };
}
