import type { ChannelStage, GatewayStage } from './stage.js';

/** One thing that the contract asks for. */
export interface CheckOf<S> {
  /** as a sentence about the subject, e.g. `parses without throwing` */
  readonly name: string;
  /** a section of docs/channels.md */
  readonly section: string;
  /** what to fill in */
  readonly todo: string;
  /** why it does not concern this subject, with the capability that says so */
  skip?(stage: S): string | undefined;
  run(stage: S): void | Promise<void>;
}

export type GatewayCheck = CheckOf<GatewayStage>;
export type ChannelCheck = CheckOf<ChannelStage>;
