import type { GatewayCall } from '../../contract/index.js';
import { asNumber, asObject, asObjects, parseJson } from '../wire/index.js';

const MINUTE_MS = 60_000;

/** Meta counts calls by the hour: from so many percent of it on, what can wait is left for the next one. */
const NEARLY_USED = 80;
const HOUR_MS = 60 * MINUTE_MS;

/** A call whose answers are watched for how much of Meta's hourly limits is used. */
export interface Metered<Call extends GatewayCall> {
  readonly call: Call;
  /** for how long calls that can wait should; undefined: there is room */
  restMs(): number | undefined;
}

/** Reads `X-Business-Use-Case-Usage` and `X-App-Usage` of every answer (Meta: graph-api/overview/rate-limiting). */
export function metered<Call extends GatewayCall>(call: Call): Metered<Call> {
  let rest: number | undefined;
  const http = {
    request: async (request: Parameters<GatewayCall['http']['request']>[0]) => {
      const answer = await call.http.request(request);
      if (answer.status === 'answered') rest = longer(rest, restOf(answer.headers));
      return answer;
    },
  };
  return { call: { ...call, http }, restMs: () => rest };
}

/** Percentages of what is allowed; the time to regain access is in minutes. What cannot be read says nothing. */
function restOf(headers: Readonly<Record<string, unknown>>): number | undefined {
  const business = Object.values(asObject(parsed(headers['x-business-use-case-usage'])) ?? {}).flatMap(asObjects);
  const app = asObject(parsed(headers['x-app-usage']));
  return [...business, ...(app ? [app] : [])]
    .map((usage) => {
      const minutes = asNumber(usage['estimated_time_to_regain_access']) ?? 0;
      if (minutes > 0) return minutes * MINUTE_MS;
      const used = ['call_count', 'total_time', 'total_cputime'].map((name) => asNumber(usage[name]) ?? 0);
      return Math.max(...used) >= NEARLY_USED ? HOUR_MS : undefined;
    })
    .reduce(longer, undefined);
}

function parsed(header: unknown): unknown {
  return typeof header === 'string' ? parseJson(header) : undefined;
}

function longer(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}
