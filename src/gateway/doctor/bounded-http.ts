import type { ProviderHttp } from '../../contract/index.js';
import type { Clock } from '../../platform/clock/clock.js';

/** One call of an examination, in ms: who waits for it wants to hear of the others too. */
const CALL_MS = 8_000;

/** A client whose calls all end within so many milliseconds from now, together. */
export function boundedHttp(http: ProviderHttp, clock: Clock, withinMs: number): ProviderHttp {
  const end = clock.now().getTime() + withinMs;
  return {
    async request(request) {
      const leftMs = end - clock.now().getTime();
      if (leftMs <= 0) {
        return { status: 'failed', sent: false, reason: `the ${withinMs / 1000} s of this examination are over` };
      }
      return http.request({ ...request, timeoutMs: Math.min(request.timeoutMs ?? CALL_MS, leftMs) });
    },
  };
}
