import type { CallOutcome, OutcomeRow, OutcomeTable, RemoteError } from '../contract/index.js';
import { Problem } from '../platform/problem/problem.js';

/** A refusal by the network, with its own words beside ours: `provider {code, subcode?, details?, traceId?}`. */
export class ProviderProblem extends Problem {
  constructor(
    status: 422 | 502,
    code: string,
    detail: string,
    private readonly remote: RemoteError,
  ) {
    super(status, code, detail);
  }

  override toJSON(): object {
    const { code, subcode, details, traceId } = this.remote;
    return {
      ...super.toJSON(),
      provider: {
        code,
        ...(subcode !== undefined && { subcode }),
        ...(details !== undefined && { details }),
        ...(traceId !== undefined && { traceId }),
      },
    };
  }
}

/**
 * What whoever asked for something is told when the network did not do it. 422: what was asked is at fault; its code is the
 * outcome table's, or `fallback` where the table has nothing of its own to say. 502: the network is, or the gateway's access to it.
 */
export function providerProblem(
  outcome: Exclude<CallOutcome<unknown>, { status: 'ok' }>,
  table: OutcomeTable,
  fallback: string,
): Problem {
  if (outcome.status === 'unreachable') {
    return new Problem(502, 'provider.unreachable', `The network did not answer: ${outcome.reason}.`);
  }
  const { remote } = outcome;
  const own = rowOfSubcode(table, remote);
  const row = own ?? table.get(remote.code);
  const said = `The network refused (${remote.subcode ?? remote.code}): ${remote.details ?? remote.message}`;
  const isOurs = row?.scope !== 'gateway' && row?.action !== 'retry' && (remote.httpStatus ?? 400) < 500;
  if (!isOurs) return new ProviderProblem(502, 'provider.refused', said, remote);
  const detail = [said, own?.advice].filter(Boolean).join(' ');
  return new ProviderProblem(422, own?.code ?? fallback, detail, remote);
}

/** The row of `<code>.<subcode>`; tables of reviews, where the code is always the same, name the subcode alone. */
function rowOfSubcode(table: OutcomeTable, { code, subcode }: RemoteError): OutcomeRow | undefined {
  return subcode === undefined ? undefined : (table.get(`${code}.${subcode}`) ?? table.get(subcode));
}
