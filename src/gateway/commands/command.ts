import type { Channel } from '../../contract/index.js';
import { Problem } from '../../platform/problem/problem.js';

export const OPERATIONS = ['setup', 'search', 'subscribe', 'unsubscribe', 'remove'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One account-management request on a callback URI, after reading and before any of it is carried out. */
export interface Command {
  readonly channel: string;
  readonly operation: Operation;
  /** addresses of groups or accounts; empty: all */
  readonly ids: readonly string[];
  /** `ack=true`: removing everything is meant */
  readonly acknowledged: boolean;
  /** `force=true`: forget also what the network refuses to release */
  readonly forced: boolean;
  /** `flow=oauth`: setup through the network's consent screen */
  readonly flow?: 'oauth';
  /** `origin=`: the window that opened the popup, e.g. `https://admin.example` */
  readonly origin?: string;
}

/** What may stand beside the operation. Anything else is refused: a mistyped `id` would otherwise mean "all". */
const PARAMETERS = new Set(['id', 'ack', 'force', 'ticket', 'flow', 'origin']);

/** Query parameter → channel. */
export type CommandParameters = ReadonlyMap<string, string>;

export function parametersOf(channels: readonly Channel[]): CommandParameters {
  return new Map(channels.map(({ channel, accounts }) => [accounts.parameter ?? channel, channel]));
}

/** undefined: not a command that this gateway knows. */
export function readCommand(query: URLSearchParams, parameters: CommandParameters): Command | undefined {
  const named = [...query.keys()].filter((name) => !PARAMETERS.has(name));
  const [parameter] = named;
  // Exactly one operation: with two, which one was checked and which one is carried out could differ.
  const channel = parameters.get(parameter ?? '');
  if (named.length !== 1 || parameter === undefined || channel === undefined) return undefined;
  const value = query.get(parameter);
  const operation = value === '' ? 'search' : OPERATIONS.find((known) => known === value);
  const flow = readFlow(query, operation);
  if (!operation || flow === undefined) return undefined;
  return {
    channel,
    operation,
    ids: readIds(query.getAll('id')),
    acknowledged: query.get('ack') === 'true',
    forced: query.get('force') === 'true',
    ...flow,
  };
}

/** undefined: a flow that there is not, or not for this operation. */
function readFlow(
  query: URLSearchParams,
  operation: Operation | undefined,
): Pick<Command, 'flow' | 'origin'> | undefined {
  const [flow, origin] = [query.getAll('flow'), query.getAll('origin')];
  if (flow.length === 0) return origin.length === 0 ? {} : undefined;
  if (operation !== 'setup' || flow.length > 1 || flow[0] !== 'oauth' || origin.length > 1) return undefined;
  return { flow: 'oauth', ...(origin[0] !== undefined && { origin: origin[0] }) };
}

/** `id` repeats and takes commas; empty ones do not count, and neither do repeats. */
export function readIds(values: readonly string[]): readonly string[] {
  return [...new Set(values.flatMap((value) => value.split(',')).map((id) => id.trim()))].filter((id) => id !== '');
}

export function unknownOperation(parameters: CommandParameters): Problem {
  const allowed = [...parameters.keys()].map((parameter) => `?${parameter}=${OPERATIONS.join('|')}`).join(' or ');
  return new Problem(
    400,
    'callback.operation.unknown',
    `Allowed is one operation, in lower case: ${allowed} (search may be left empty), with id, and for remove with ack and force.`,
  );
}
