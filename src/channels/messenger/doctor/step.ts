import type { CallOutcome, DoctorStep } from '../../../contract/index.js';

/** What a step found; which step it is, its maker adds. */
export type Verdict = Omit<DoctorStep, 'id' | 'title'>;

export const fine = (detail: string): Verdict => ({ status: 'ok', detail });

export const skipped = (detail: string): Verdict => ({ status: 'skipped', detail });

export const failed = (detail: string, advice: string, where?: string): Verdict => ({
  status: 'failed',
  detail,
  advice,
  ...(where !== undefined && { where }),
});

export const doubtful = (detail: string, advice: string, where?: string): Verdict => ({
  ...failed(detail, advice, where),
  status: 'warning',
});

/** Where things are done at Meta, as its menus are called in 2026. */
export const WHERE = {
  appBasic: 'developers.facebook.com → your app → App settings → Basic',
  appWebhook: 'developers.facebook.com → your app → WhatsApp → Configuration → Webhook',
  webhooks: 'developers.facebook.com → your app → Webhooks → Page, or Instagram',
  pages: 'business.facebook.com → Settings → Accounts → Pages',
  instagram: 'facebook.com → your page → Settings → Linked accounts → Instagram',
  systemUsers: 'business.facebook.com → Settings → Users → System users',
  numbers: 'business.facebook.com → WhatsApp Manager → Phone numbers',
  payment: 'business.facebook.com → WhatsApp Manager → Account tools → Payment settings',
  security: 'business.facebook.com → Settings → Security centre',
  gateway: 'PATCH /api/v1/gateways/<id>',
} as const;

export function reasonOf(outcome: Exclude<CallOutcome<unknown>, { status: 'ok' }>): string {
  return outcome.status === 'refused'
    ? `Meta refused (${outcome.remote.code}): ${outcome.remote.message}`
    : `Meta did not answer: ${outcome.reason}`;
}

const NAMED = 5;

/** `a; b; c and 4 more`: a gateway may have hundreds of numbers. */
export function listed(items: readonly string[]): string {
  const rest = items.length - NAMED;
  return items.slice(0, NAMED).join('; ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** `Acme (1065…)` */
export const named = ({ name, address }: { readonly name: string; readonly address: string }): string =>
  name === address ? address : `${name} (${address})`;
