import { randomBytes } from 'node:crypto';

export interface OnboardingResult {
  readonly status: 'success' | 'error';
  /** for people; may hold words of the network and names of accounts */
  readonly detail: string;
}

export interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const LONGEST_DETAIL = 500;

/**
 * The popup's last page: tells the window that opened it, if that is of this origin, and closes. Nothing that it holds is
 * interpreted: the text is escaped, the data is JSON without a `<`, and only this page's own script runs.
 *
 * @param origin undefined: it is not known who asked, so nobody is told
 */
export function resultPage(result: OnboardingResult, origin: string | undefined): Page {
  const nonce = randomBytes(16).toString('base64');
  const detail =
    result.detail.length > LONGEST_DETAIL ? `${result.detail.slice(0, LONGEST_DETAIL - 1)}…` : result.detail;
  const message = { status: result.status, detail };
  const script =
    origin === undefined
      ? ''
      : `<script nonce="${nonce}">if (window.opener) { window.opener.postMessage(${inScript(message)}, ${inScript(origin)}); window.close(); }</script>\n`;
  return {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'X-Frame-Options': 'DENY',
      'Content-Security-Policy': `default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
    body:
      '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n' +
      `<title>Patchbay: ${result.status}</title>\n<h1>${result.status === 'success' ? 'Done' : 'Not done'}</h1>\n` +
      `<p>${inText(detail)}</p>\n<p>You can close this window.</p>\n${script}</html>\n`,
  };
}

function inText(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** JSON that no HTML parser and no script parser reads as anything else. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
