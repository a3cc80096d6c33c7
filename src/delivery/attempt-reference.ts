import { isId } from '../platform/ids/ids.js';

/**
 * What travels with a message and comes back in its receipts. It names the installation, because every system on the same
 * account sees it: what another one sent is not ours to settle.
 */
export function attemptReference(installationId: string, attemptId: string): string {
  return `pb.${installationId.slice(0, 8)}.${attemptId}`;
}

/** The attempt that a reference names, when it is ours. */
export function readAttemptReference(installationId: string, reference: string | undefined): string | undefined {
  const [prefix, installation, attempt] = reference?.split('.') ?? [];
  const isOurs =
    prefix === 'pb' && installation === installationId.slice(0, 8) && attempt !== undefined && isId(attempt);
  return isOurs ? attempt : undefined;
}
