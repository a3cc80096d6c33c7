import { type Content, degrade, textLength } from '../../contract/index.js';
import { canonical, ensure, shown, stringsIn } from '../breach.js';
import type { ChannelCheck } from '../check.js';
import { Chance } from '../garbage.js';
import { attempt, frozen, pure } from '../pure.js';
import { bordered, NEVER_SENT, sampleOf, SAMPLES } from '../sample-contents.js';
import type { ChannelStage } from '../stage.js';
import { brokenLimits, mostOf } from '../within-limits.js';

export const limitChecks: readonly ChannelCheck[] = [
  {
    name: 'sends every type of content that it declares, and no other',
    section: 'render',
    todo: 'In outbound.check refuse with content.unsupported what is not in capabilities.outbound; in render give the call for all else. Types that need ids of the network go into contents of the subject.',
    run(stage) {
      const { capabilities } = stage.channel;
      for (const type of capabilities.outbound) {
        const sample = sampleOf(type, stage.own.contents);
        ensure(sample, () => `the kit has no sample of ${type}: give one in contents`);
        const problems = checked(stage, sample);
        ensure(
          problems.length === 0,
          () => `${shown(sample)} is refused, though capabilities.outbound has ${type}: ${shown(problems)}`,
        );
        rendered(stage, sample);
      }
      const others = [
        ...Object.values(SAMPLES),
        { type: 'native', channel: 'another', payload: {} } as const,
        ...NEVER_SENT,
      ];
      for (const content of others) {
        if (content.type !== 'native' && capabilities.outbound.includes(content.type)) continue;
        const shownAs = degrade(content, capabilities).content;
        if (content.type !== 'native' && capabilities.outbound.includes(shownAs.type)) continue;
        ensure(
          checked(stage, shownAs).length > 0,
          () => `check lets ${shown(shownAs)} through, which is not in capabilities.outbound`,
        );
      }
    },
  },
  {
    name: 'takes what is within its declared limits',
    section: 'capabilities',
    todo: 'Bring check and capabilities together: take the numbers of one from the other.',
    run(stage) {
      for (const { name, content, fits } of bordered(stage.channel.capabilities)) {
        if (!fits) continue;
        const final = degrade(content, stage.channel.capabilities).content;
        ensure(final.type === content.type, () => `${name} is within the limits, and becomes ${final.type}`);
        const problems = checked(stage, final);
        ensure(problems.length === 0, () => `${name} is within the limits, and is refused: ${shown(problems)}`);
      }
    },
  },
  {
    name: 'lets nothing through that is beyond its declared limits',
    section: 'capabilities',
    todo: 'In outbound.check, judge every limit of capabilities, in the unit of text.unit (textLength of the contract counts it).',
    run(stage) {
      for (const { name, content } of bordered(stage.channel.capabilities)) holds(stage, content, name);
      for (const content of mixed(stage)) holds(stage, content, 'a content');
    },
  },
  {
    name: 'renders all that people see, and no longer than it declares',
    section: 'render',
    todo: 'In render, put every text of the content into the payload as it is: no clipping, nothing added, nothing left out.',
    run(stage) {
      for (const { name, content } of bordered(stage.channel.capabilities)) {
        const final = degrade(content, stage.channel.capabilities).content;
        if (checked(stage, final).length > 0) continue;
        judgeStrings(stage, name, final);
      }
    },
  },
  {
    name: 'checks and renders the same input to the same output',
    section: 'render',
    todo: 'Let check and render depend on their arguments alone; ids and times belong into send.',
    run(stage) {
      for (const content of [...bordered(stage.channel.capabilities).map((one) => one.content), ...samples(stage)]) {
        const final = degrade(content, stage.channel.capabilities).content;
        const problems = pure(`check of ${shown(final)}`, () =>
          stage.channel.outbound.check(frozen(final), stage.context),
        );
        if (problems.length === 0) pure(`render of ${shown(final)}`, () => rendered(stage, final));
      }
    },
  },
  {
    name: 'judges odd contents without throwing, and renders what it lets through',
    section: 'render',
    todo: 'In check, refuse texts that are blank, lists without entries and links that are none; render must bear all that is left.',
    run(stage) {
      const chance = new Chance(42);
      for (const sample of samples(stage)) {
        const some = Array.from({ length: 30 }, () => odd(sample, chance));
        for (const content of [...ODD_TEXTS.map((text) => worded(sample, text)), ...some]) {
          const final = degrade(content, stage.channel.capabilities).content;
          if (checked(stage, final).length === 0) rendered(stage, final);
        }
      }
    },
  },
];

function samples({ channel, own }: ChannelStage): Content[] {
  return channel.capabilities.outbound.flatMap((type) => sampleOf(type, own.contents) ?? []);
}

function checked({ channel, context }: ChannelStage, content: Content) {
  const problems = attempt(`check(${shown(content)})`, () => channel.outbound.check(frozen(content), context));
  ensure(Array.isArray(problems), () => `check(${shown(content)}) answered ${shown(problems)}, which is no list`);
  for (const { path, code, message } of problems) {
    ensure(
      path && code && message,
      () => `check(${shown(content)}) found ${shown({ path, code, message })}; a problem has path, code and message`,
    );
  }
  return problems;
}

function rendered({ channel, own, accountContext }: ChannelStage, content: Content) {
  const part = attempt(`render(${shown(content)})`, () =>
    channel.outbound.render(frozen({ to: own.recipient, content }), accountContext),
  );
  const payload: unknown = part?.payload;
  ensure(
    typeof payload === 'object' && payload !== null,
    () => `render(${shown(content)}) answered ${shown(part)}; it answers {payload}`,
  );
  const stored: unknown = JSON.parse(JSON.stringify(payload));
  ensure(
    canonical(stored) === canonical(payload),
    () => `the payload ${shown(payload)} is not the same after it was stored as JSON`,
  );
  return part;
}

/** Whatever check lets through is within all limits, as the content is by then. */
function holds(stage: ChannelStage, content: Content, name: string): void {
  const { capabilities } = stage.channel;
  const final = degrade(content, capabilities).content;
  const broken = brokenLimits(final, capabilities);
  if (broken.length === 0 || checked(stage, final).length > 0) return;
  ensure(false, () => `${name} gets through check: ${broken.join('; ')}`);
}

/** Every text that is seen stands in the payload, and none there is longer than its limit. */
function judgeStrings(stage: ChannelStage, name: string, content: Content): void {
  const { capabilities } = stage.channel;
  const strings = stringsIn(rendered(stage, content).payload);
  for (const { path, text, max, isSeen } of mostOf(content, capabilities)) {
    const holding = strings.filter((one) => one.includes(text));
    ensure(!isSeen || holding.length > 0, () => `${name}: ${path} (${shown(text)}) is not in the payload`);
    if (text.length < 10) continue; // too short to be told from what stands there otherwise
    const fit = holding.length === 0 || holding.some((one) => textLength(one, capabilities.text.unit) <= max);
    ensure(fit, () => `${name}: ${path} is longer in the payload than the ${max} that the capabilities say`);
  }
}

/** Lengths and counts around every limit, in combinations. */
function* mixed({ channel: { capabilities } }: ChannelStage): Generator<Content> {
  const chance = new Chance(99);
  const around = (max: number): string => 'a'.repeat(Math.max(1, max + chance.upTo(3) - 1));
  for (const style of capabilities.choice) {
    for (let run = 0; run < 60; run += 1) {
      const texts = {
        text: chance.upTo(2) ? around(style.bodyMax) : 'Choose',
        ...(chance.upTo(2) && { header: around(style.headerMax) }),
        ...(chance.upTo(2) && { footer: around(style.footerMax) }),
      };
      const count = chance.upTo(2) ? Math.max(1, style.maxOptions + chance.upTo(3) - 1) : 1 + chance.upTo(3);
      const label = chance.upTo(2) ? around(style.labelMax) : 'Yes';
      const options = Array.from({ length: count }, (_, index) => ({
        id: `o${index}`,
        title: index === 0 ? label : `O${index}`,
      }));
      if (style.style === 'list')
        yield { type: 'list', ...texts, button: 'Menu', sections: [{ title: 'A', rows: options }] };
      else yield { type: 'buttons', ...texts, buttons: options.map((option) => ({ type: 'reply', ...option })) };
    }
  }
}

const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u200b',
  '<b>&amp;"\'',
  '{{1}}',
  '__proto__',
  'javascript:alert(1)',
  'x'.repeat(3_000),
  '🧑‍🚀',
];

/** The same content, with these words in the place of all others. */
function worded(content: Content, text: string): Content {
  const word = (key: string, value: unknown): unknown =>
    typeof value === 'string' && key !== 'type' && key !== 'channel' ? text : value;
  return JSON.parse(JSON.stringify(content), word) as Content;
}

/** The same kind of content, with odd texts and numbers, and lists without entries. */
function odd(content: Content, chance: Chance): Content {
  const change = (value: unknown, key?: string): unknown => {
    if (key === 'type' || key === 'channel' || chance.upTo(3) > 0)
      return Array.isArray(value) || typeof value === 'object' ? inner(value) : value;
    if (typeof value === 'string') return chance.of(ODD_TEXTS);
    if (typeof value === 'number') return chance.of([0, -1, 1e9, 0.000_000_1, 91]);
    return Array.isArray(value) ? [] : inner(value);
  };
  const inner = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one) => change(one));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, change(one, key)]));
  };
  return inner(content) as Content;
}
