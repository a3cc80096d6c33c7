import { createHmac } from 'node:crypto';

/** `appsecret_proof`: shows that whoever uses the token also knows the app's secret (Meta: graph-api/guides/secure-requests). */
export function appSecretProof(token: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(token).digest('hex');
}
