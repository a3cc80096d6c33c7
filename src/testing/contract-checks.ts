import { ContractBreach } from './breach.js';
import type { CheckOf } from './check.js';
import { accountChecks } from './checks/accounts.js';
import { limitChecks } from './checks/limits.js';
import { outcomeChecks } from './checks/outcomes.js';
import { parseChecks } from './checks/parse.js';
import { presenceChecks } from './checks/presence.js';
import { channelSecrets, gatewaySecrets } from './checks/secrets.js';
import { channelShape, gatewayShape } from './checks/shape.js';
import { verifyChecks } from './checks/verify.js';
import { channelStage, gatewayStage } from './stage.js';
import type { ContractSubject } from './subject.js';

/** A check for any test runner: `for (const { name, run } of contractChecks(subject)) it(name, run)`. */
export interface ContractCheck {
  /** e.g. `telegram: reads every sample payload` */
  readonly name: string;
  /** throws or rejects with a {@link ContractBreach} that says what was given, what was expected, and what to do */
  readonly run: () => Promise<void>;
}

export interface SkippedCheck {
  readonly name: string;
  /** the capability, or the missing member, that makes it pointless */
  readonly because: string;
}

/** All that the contract asks of a gateway type and its channels, as far as it concerns them. */
export function contractChecks(subject: ContractSubject): readonly ContractCheck[] {
  return planOf(subject).flatMap(({ name, because, run }) => (because === undefined ? [{ name, run }] : []));
}

/** What is not asked of them, to be looked at by a person: a capability that is forgotten skips what it promises. */
export function skippedChecks(subject: ContractSubject): readonly SkippedCheck[] {
  return planOf(subject).flatMap(({ name, because }) => (because === undefined ? [] : [{ name, because }]));
}

interface Planned extends ContractCheck {
  readonly because: string | undefined;
}

function planOf(subject: ContractSubject): Planned[] {
  const { type } = subject;
  const ofGateway = [...gatewayShape, ...verifyChecks, ...gatewaySecrets];
  const ofChannel = [
    ...channelShape,
    ...parseChecks,
    ...limitChecks,
    ...outcomeChecks,
    ...presenceChecks,
    ...accountChecks,
    ...channelSecrets,
  ];
  return [
    ...ofGateway.map((check) => planned(type.type, check, () => gatewayStage(subject))),
    ...type.channels.flatMap((channel) => {
      const prefix = channel.channel === type.type ? type.type : `${type.type}, ${channel.channel}`;
      return ofChannel.map((check) => planned(prefix, check, () => channelStage(subject, channel)));
    }),
  ];
}

function planned<S>(prefix: string, check: CheckOf<S>, stage: () => S): Planned {
  const { name, section, todo } = check;
  const because = check.skip?.(stage());
  return {
    name: `${prefix}: ${name}`,
    because,
    async run() {
      try {
        await check.run(stage());
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        throw new ContractBreach(`${said}.\nTo do: ${todo}\nMore: docs/channels.md#${section}`, { cause: error });
      }
    },
  };
}
