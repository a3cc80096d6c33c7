import type { OutcomeRow, OutcomeTable, RemoteError } from '../contract/index.js';
import { type MessageError, OUTCOME_UNKNOWN } from '../dialog/message-status.js';

/** What a refusal means: the channel's own row, or, for codes it does not know, what the HTTP class says. */
export function judge(table: OutcomeTable, remote: RemoteError): OutcomeRow {
  return findRow(table, remote) ?? byHttpClass(remote);
}

/** That of the code with its subcode goes before that of the code alone. */
export function findRow(table: OutcomeTable, { code, subcode }: RemoteError): OutcomeRow | undefined {
  return (subcode === undefined ? undefined : table.get(`${code}.${subcode}`)) ?? table.get(code);
}

function byHttpClass({ code, httpStatus = 0 }: RemoteError): OutcomeRow {
  if (httpStatus === 429) {
    return {
      code: 'rate.limited',
      title: 'The network asks to slow down',
      action: 'retry',
      scope: 'account',
      delayMs: 2_000,
    };
  }
  if (httpStatus >= 500) {
    return {
      code: 'provider.unavailable',
      title: 'The network has a passing fault',
      action: 'retry',
      scope: 'message',
      delayMs: 1_000,
    };
  }
  return {
    code: 'provider.refused',
    title: `The network refused with a code that is new to us (${code})`,
    action: 'fail',
    scope: 'message',
  };
}

export function messageError(row: OutcomeRow, remote: RemoteError): MessageError {
  return {
    code: row.code,
    title: row.title,
    detail: [remote.details ?? remote.message, row.advice].filter(Boolean).join(' — '),
    retryable: row.action === 'retry',
    scope: row.scope,
    action: row.action,
    provider: {
      code: remote.code,
      ...(remote.subcode !== undefined && { subcode: remote.subcode }),
      ...(remote.details !== undefined && { details: remote.details }),
      ...(remote.traceId !== undefined && { traceId: remote.traceId }),
    },
  };
}

export const ERROR_OUTCOME_UNKNOWN: MessageError = {
  code: OUTCOME_UNKNOWN,
  title: 'It is not known whether the network took this message',
  detail:
    'The connection broke, or this process died, between the request and its answer, and the network sent no receipt in time. ' +
    'It was not sent again, since that could deliver it twice; a receipt that still comes will correct this.',
  retryable: false,
  scope: 'message',
  action: 'fail',
};

export function ownError(code: string, title: string, detail: string): MessageError {
  return { code, title, detail, retryable: false, scope: 'message', action: 'fail' };
}
