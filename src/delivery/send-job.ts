import type { Admitted } from './outbound.repository.js';

/** What a job of the `send` queue carries: a hint only, the rows in `outbound` decide. */
export interface SendJob {
  readonly messages: readonly Admitted[];
}
