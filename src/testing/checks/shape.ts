import {
  CONTRACT_VERSION,
  MEDIA_TYPES,
  MESSAGE_CLASSES,
  RECEIPT_STATUSES,
  type Capabilities,
  type OutcomeRow,
} from '../../contract/index.js';
import { ensure, shown } from '../breach.js';
import type { ChannelCheck, GatewayCheck } from '../check.js';
import { pure } from '../pure.js';

const NAME = /^[a-z0-9][a-z0-9_-]*$/;
const CODE = /^[a-z][a-z_]*(\.[a-z][a-z_]*)+$/;
const ACTIONS = ['retry', 'fail', 'fallback', 'hold', 'suppress'];
const SCOPES = ['message', 'contact', 'account', 'class', 'template', 'portfolio', 'gateway'];
const UNITS = ['utf16', 'code-point', 'utf8-byte'];
const OTHERS = ['text', 'location', 'contacts', 'reaction', 'buttons', 'list', 'template', 'native'];

export const gatewayShape: readonly GatewayCheck[] = [
  {
    name: 'is a gateway type of this contract version',
    section: 'gateway-type',
    todo: 'Give the gateway type a type in lower case, contract: CONTRACT_VERSION, at least one channel, and every facet that is not optional.',
    run({ subject: { type } }) {
      ensure(
        type.contract === CONTRACT_VERSION,
        () => `contract is ${shown(type.contract)}; it must be CONTRACT_VERSION, ${CONTRACT_VERSION}`,
      );
      ensure(NAME.test(type.type), () => `type is ${shown(type.type)}; it must be lower-case letters, digits, - and _`);
      const names = type.channels.map(({ channel }) => channel);
      ensure(names.length > 0, () => 'channels is empty; a gateway type brings at least one');
      ensure(new Set(names).size === names.length, () => `channels names one twice: ${shown(names)}`);
      const odd = names.find((name) => !NAME.test(name));
      ensure(odd === undefined, () => `the channel ${shown(odd)} must be named by lower-case letters, digits, - and _`);
      functions('webhook', type.webhook, ['handshake', 'verify', 'split']);
      functions('the gateway type', type, ['warnings', 'policies', 'verifySettings']);
      const { maxBytes } = type.webhook;
      ensure(
        Number.isInteger(maxBytes) && maxBytes > 0,
        () => `webhook.maxBytes is ${shown(maxBytes)}; it must be a number of bytes`,
      );
    },
  },
  {
    name: 'declares settings that check themselves',
    section: 'settings',
    todo: 'Describe every metadata key in settings, mark what is secret, and give the subject values that pass.',
    run({ subject: { type, settings } }) {
      const names = type.settings.map(({ name }) => name);
      ensure(new Set(names).size === names.length, () => `settings names a key twice: ${shown(names)}`);
      const unknown = Object.keys(settings).find((name) => !names.includes(name));
      ensure(
        unknown === undefined,
        () => `the subject's settings have ${shown(unknown)}, which the gateway type does not declare`,
      );
      for (const key of type.settings) {
        const { name } = key;
        ensure(key.description.trim() !== '', () => `the setting ${name} has no description`);
        const given = settings[name];
        ensure(
          !key.required || given !== undefined,
          () => `the setting ${name} is required, and the subject's settings lack it`,
        );
        ensure(
          !key.secret || given !== undefined,
          () => `the setting ${name} is secret, and the subject's settings lack it: the kit could not look for it`,
        );
        ensure(
          !key.secret || (given?.length ?? 0) >= 8,
          () => `the subject's ${name} must have 8 characters or more, to be told from other text`,
        );
        for (const value of [given, key.default, key.generate?.()]) {
          if (value === undefined) continue;
          const wrong = pure(`the check of the setting ${name}`, () => key.check?.(value));
          ensure(
            wrong === undefined,
            () => `a value that the subject, default or generate gives to ${name} is refused: ${wrong}`,
          );
          ensure(!key.values || key.values.includes(value), () => `a value of ${name} is none of ${shown(key.values)}`);
        }
      }
    },
  },
];

export const channelShape: readonly ChannelCheck[] = [
  {
    name: 'declares capabilities that make sense',
    section: 'capabilities',
    todo: 'Fill in capabilities from the documents of the network, with their source beside each number.',
    run({ channel }) {
      functions('the channel', channel, ['parse']);
      functions('outbound', channel.outbound, ['check', 'render', 'send']);
      functions('accounts', channel.accounts, ['discover', 'subscribe', 'unsubscribe', 'isGone', 'present']);
      functions('dialog', channel.dialog, ['variablesFor']);
      const flaw = capabilityFlaw(channel.capabilities);
      ensure(flaw === undefined, () => `capabilities: ${flaw}`);
      const { files } = { files: channel.media };
      ensure(
        !files?.upload || files.lives.uploadMs > 0,
        () => 'media.upload is there, and media.lives.uploadMs is not positive',
      );
      ensure(
        channel.capabilities.template || !channel.templates,
        () => 'there is a facet templates, and capabilities.template is false',
      );
    },
  },
  {
    name: 'declares outcomes that make sense',
    section: 'outcomes',
    todo: 'Give every row a code of ours (area.problem), a title, an action and a scope.',
    skip: ({ channel }) => (channel.outcomes.size === 0 ? 'outcomes is empty' : undefined),
    run({ channel }) {
      for (const [code, row] of channel.outcomes) {
        const flaw = rowFlaw(row);
        ensure(flaw === undefined, () => `the outcome of ${shown(code)}: ${flaw}`);
      }
    },
  },
  {
    name: 'names dialog variables by its own prefix',
    section: 'variables',
    todo: "Start every name that variablesFor gives with the channel's name and a dot; values are texts.",
    run({ channel, accountContext: { account } }) {
      for (const one of [account, { address: '0', group: '0', name: '' }]) {
        const variables = pure('variablesFor', () => channel.dialog.variablesFor(one));
        for (const [name, value] of Object.entries(variables)) {
          ensure(
            name.startsWith(`${channel.channel}.`),
            () => `the variable ${name} must start with ${channel.channel}.`,
          );
          ensure(typeof value === 'string', () => `the variable ${name} is ${shown(value)}; it must be a text`);
        }
      }
    },
  },
];

function functions(what: string, facet: object, names: readonly string[]): void {
  const missing = names.filter((name) => typeof (facet as Record<string, unknown>)[name] !== 'function');
  ensure(missing.length === 0, () => `${what} lacks ${missing.join(', ')}`);
}

function capabilityFlaw(capabilities: Capabilities): string | undefined {
  const { outbound, text, media, choice, single = {}, receipts, settles, window } = capabilities;
  const types: readonly string[] = [...OTHERS, ...MEDIA_TYPES];
  const unknown = outbound.find((type) => !types.includes(type));
  if (unknown !== undefined) return `outbound has ${unknown}, which is nothing that can be sent`;
  if (!UNITS.includes(text.unit)) return `text.unit is ${shown(text.unit)}; it is one of ${UNITS.join(', ')}`;
  const numbers: [string, number][] = [['text.maxLength', text.maxLength]];
  for (const type of MEDIA_TYPES) {
    const own = media[type];
    if (outbound.includes(type) !== (own !== undefined))
      return `${type} must be in outbound and in media, or in neither`;
    if (own) numbers.push([`media.${type}.maxBytes`, own.maxBytes]);
    const odd = own?.mimeTypes?.find((mimeType) => !/^[a-z]+\/[^\sA-Z;]+$/.test(mimeType));
    if (odd !== undefined) return `media.${type}.mimeTypes has ${shown(odd)}: lower case, without parameters`;
  }
  for (const style of choice) {
    numbers.push(
      ...Object.entries({
        maxOptions: style.maxOptions,
        labelMax: style.labelMax,
        idMax: style.idMax,
        bodyMax: style.bodyMax,
      }).map(([name, value]): [string, number] => [`choice.${style.style}.${name}`, value]),
    );
  }
  const wrong = numbers.find(([, value]) => !(Number.isInteger(value) && value > 0));
  if (wrong) return `${wrong[0]} is ${shown(wrong[1])}; it must be a whole number from 1`;
  if (
    choice.some(({ style }) => style === 'buttons') !== outbound.includes('buttons') &&
    Object.keys(single).length === 0
  ) {
    return 'buttons must be in outbound where choice or single has a style for them, and nowhere else';
  }
  if (choice.some(({ style }) => style === 'list') !== outbound.includes('list'))
    return 'list must be in outbound and in choice, or in neither';
  if (capabilities.template !== outbound.includes('template'))
    return 'template must be true when outbound has template, else false';
  const receipt = receipts.find((status) => !RECEIPT_STATUSES.includes(status));
  if (receipt !== undefined) return `receipts has ${shown(receipt)}; they are ${RECEIPT_STATUSES.join(', ')}`;
  if (settles === 'attempt-reference' && receipts.length === 0)
    return 'settles is attempt-reference, and there are no receipts to settle by';
  if (window && !(window.durationMs > 0))
    return 'window.durationMs must be positive; a network without windows has window: null';
  return undefined;
}

function rowFlaw(row: OutcomeRow): string | undefined {
  if (!CODE.test(row.code)) return `code is ${shown(row.code)}; it is ours, such as recipient.unreachable`;
  if (row.title.trim() === '') return 'it has no title';
  if (!ACTIONS.includes(row.action)) return `action is ${shown(row.action)}; it is one of ${ACTIONS.join(', ')}`;
  if (!SCOPES.includes(row.scope)) return `scope is ${shown(row.scope)}; it is one of ${SCOPES.join(', ')}`;
  if (row.delayMs !== undefined && !(row.delayMs > 0)) return `delayMs is ${shown(row.delayMs)}; it must be positive`;
  if (row.lost && (row.action !== 'fail' || row.scope !== 'contact'))
    return 'lost goes with action fail and scope contact only';
  const odd = row.classes?.find((one) => !MESSAGE_CLASSES.includes(one));
  return odd === undefined ? undefined : `classes has ${shown(odd)}; they are ${MESSAGE_CLASSES.join(', ')}`;
}
