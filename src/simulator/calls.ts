import type { CallFault } from './fault.types.js';
import { GraphError } from './graph-error.js';
import type { GraphAnswer, GraphRequest, RequestRecord } from './graph.types.js';
import type { Platform } from './platform.js';

type Route = (fault: CallFault) => GraphAnswer | Promise<GraphAnswer>;

/** How every call fares, whoever answers it: through the faults, to its route, and into the records. */
export class Calls {
  constructor(private readonly platform: Platform) {}

  /** @returns undefined when the connection shall be cut without an answer. */
  async run(request: GraphRequest, isBatchPart: boolean, route: Route): Promise<GraphAnswer | undefined> {
    const { activity, answers, faults, timers } = this.platform;
    const fault = faults.forCall(request);
    const record = this.record(request, isBatchPart);
    let answer: GraphAnswer | undefined;
    if (fault.drop !== 'before') {
      answer = faultAnswer(fault, this.platform) ?? (await this.carryOut(fault, route));
      if (fault.delayMs !== undefined) {
        await timers.wait(fault.delayMs);
      }
      if (fault.withholdAnswer) {
        await answers.wait();
      }
      answer = fault.drop === 'after' ? undefined : answer;
    }
    if (record !== undefined) {
      record.status = answer?.status ?? 0;
      record.answer = Buffer.isBuffer(answer?.body) ? undefined : answer?.body;
    }
    activity.changed();
    return answer;
  }

  private async carryOut(fault: CallFault, route: Route): Promise<GraphAnswer> {
    try {
      return await route(fault);
    } catch (error) {
      return this.refusal(error);
    }
  }

  private record(request: GraphRequest, isBatchPart: boolean): RequestRecord | undefined {
    const { clock, requests } = this.platform;
    if (!requests.keeps) {
      requests.count();
      return undefined;
    }
    const { method, path, version, query, body, token } = request;
    const at = clock.nowMs();
    const record = { at, method, path, version, query, body, token, isBatchPart, status: undefined, answer: undefined };
    requests.add(record);
    return record;
  }

  /** What is not a refusal is a bug of the simulator: it must be seen, so it says so in the answer. */
  refusal(error: unknown): GraphAnswer {
    const refusal =
      error instanceof GraphError
        ? error
        : new GraphError({
            code: 1,
            details: `bug in the simulator: ${error instanceof Error ? error.stack : String(error)}`,
          });
    return { status: refusal.status, body: refusal.body(this.platform.ids.trace()) };
  }
}

/** The answer a fault puts in place of the real one. */
function faultAnswer(fault: CallFault, platform: Platform): GraphAnswer | undefined {
  if (fault.status === undefined && fault.error === undefined && fault.bodyless === undefined) {
    return undefined;
  }
  if (fault.bodyless) {
    return { status: fault.status ?? 502, body: undefined };
  }
  const error = new GraphError(fault.error ?? { code: (fault.status ?? 500) >= 500 ? 2 : 1 }, fault.status);
  return { status: error.status, body: error.body(platform.ids.trace()) };
}
