import { Inject, Injectable } from '@nestjs/common';
import { CONTRACT_VERSION, type Channel, type GatewayType } from '../contract/index.js';
import { withDialogSettings } from './dialog-settings.js';
import { GATEWAY_TYPES } from './gateway.tokens.js';

/** The installed gateway types by name. A type that cannot work stops the start, with a sentence that says why. */
@Injectable()
export class GatewayTypes {
  private readonly types: ReadonlyMap<string, GatewayType>;

  constructor(@Inject(GATEWAY_TYPES) installed: readonly GatewayType[]) {
    const types = new Map<string, GatewayType>();
    for (const type of installed.map(withDialogSettings)) {
      judge(type);
      if (types.has(type.type)) throw new Error(`Two gateway types are called ${type.type}: list one of them only.`);
      types.set(type.type, type);
    }
    this.types = types;
  }

  all(): readonly GatewayType[] {
    return [...this.types.values()];
  }

  find(type: string): GatewayType | undefined {
    return this.types.get(type);
  }
}

export function channelOf(type: GatewayType, channel: string): Channel | undefined {
  return type.channels.find((candidate) => candidate.channel === channel);
}

function judge(type: GatewayType): void {
  const name = `The gateway type ${type.type}`;
  if (type.contract !== CONTRACT_VERSION) {
    throw new Error(`${name} was written for contract version ${type.contract}; this core speaks ${CONTRACT_VERSION}.`);
  }
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(type.type)) throw new Error(`${name} must be named in lower case: a-z 0-9 - _.`);
  const channels = type.channels.map(({ channel }) => channel);
  if (channels.length === 0) throw new Error(`${name} brings no channel.`);
  const twice = channels.find((channel, index) => channels.indexOf(channel) !== index);
  if (twice) throw new Error(`${name} lists the channel ${twice} twice.`);
  const keys = type.settings.map((key) => key.name);
  const doubled = keys.find((key, index) => keys.indexOf(key) !== index);
  if (doubled) throw new Error(`${name} declares the setting ${doubled} twice.`);
  for (const channel of type.channels) judgeVariables(name, channel);
}

/** Variables of different channels meet in one bot: each channel keeps to names under its own prefix. */
function judgeVariables(name: string, channel: Channel): void {
  const variables = channel.dialog.variablesFor({ address: '0', group: '0', name: 'probe', phone: '0' });
  const foreign = Object.keys(variables).find((variable) => !variable.startsWith(`${channel.channel}.`));
  if (foreign !== undefined) {
    throw new Error(
      `${name}: the dialog variable ${foreign} must start with ${channel.channel}. (its channel's name).`,
    );
  }
}
