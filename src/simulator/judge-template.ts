import type { GraphError } from './graph-error.js';
import { longer, missing, wrongValue } from './judgement.js';
import type { JsonObject } from './world.types.js';

type Judgement = GraphError | undefined;

/** A button's place may be written as a text or as a number. */
const PLACES: ReadonlySet<unknown> = new Set(Array.from({ length: 10 }, (_, at) => [at, `${at}`]).flat());

const FILES: ReadonlySet<string> = new Set(['image', 'video', 'document']);

/**
 * What a send says of a template, as far as it can be judged without the template. Meta: whatsapp/templates, "send", and
 * templates/components; kinds that are not known here pass.
 */
export function judgeTemplate({ name, language, components }: JsonObject): Judgement {
  if (typeof name !== 'string' || name === '') return missing("template['name']");
  if (name.length > 512 || !/^[a-z0-9_]+$/.test(name)) {
    return wrongValue('Template name must be lower-case letters, digits and underscores, at most 512');
  }
  if (typeof (language as JsonObject | undefined)?.['code'] !== 'string')
    return missing("template['language']['code']");
  if (components === undefined) return undefined;
  if (!Array.isArray(components) || !components.every(isObject))
    return wrongValue('components must be a list of objects');
  return first(components, judgeComponent) ?? judgePlaces(components);
}

function judgeComponent(component: JsonObject): Judgement {
  const parameters = component['parameters'] ?? [];
  if (!Array.isArray(parameters) || !parameters.every(isObject)) {
    return wrongValue('parameters of a component must be a list of objects');
  }
  switch (String(component['type']).toLowerCase()) {
    case 'header':
      return parameters.length > 1 ? wrongValue('A header takes one parameter') : first(parameters, judgeHeader);
    case 'body':
      return first(parameters, judgeValue) ?? judgeNames(parameters);
    case 'button':
      return judgeButton(component, parameters);
    case 'limited_time_offer':
      return first(parameters, judgeOffer);
    default:
      return undefined;
  }
}

function judgeHeader(parameter: JsonObject): Judgement {
  const type = String(parameter['type']);
  const value = parameter[type];
  if (type === 'text') {
    if (typeof value !== 'string' || value === '') return missing('text of the header');
    return longer(value, 60) ? wrongValue('Header text length invalid. Max length: 60') : undefined;
  }
  if (!isObject(value)) return missing(`${type} of the header`);
  if (FILES.has(type) && typeof value['id'] !== 'string' && typeof value['link'] !== 'string') {
    return missing(`${type}['id'] or ${type}['link'] of the header`);
  }
  const isPlace = typeof value['latitude'] === 'number' && typeof value['longitude'] === 'number';
  return type === 'location' && !isPlace ? missing('latitude and longitude of the header') : undefined;
}

function judgeValue(parameter: JsonObject): Judgement {
  const type = String(parameter['type']);
  const value = parameter[type];
  if (type === 'text') return typeof value === 'string' && value !== '' ? undefined : missing('text of a parameter');
  return isObject(value) && typeof value['fallback_value'] === 'string'
    ? undefined
    : missing(`fallback_value of ${type}`);
}

/** All by name, or all in order. */
function judgeNames(parameters: readonly JsonObject[]): Judgement {
  const named = parameters.filter((parameter) => parameter['parameter_name'] !== undefined).length;
  return named === 0 || named === parameters.length ? undefined : missing('parameter_name of a parameter');
}

function judgeButton({ sub_type, index }: JsonObject, [parameter]: readonly JsonObject[]): Judgement {
  if (typeof sub_type !== 'string') return missing("button['sub_type']");
  if (index === undefined) return missing("button['index']");
  if (!PLACES.has(index)) return wrongValue('The index of a button is 0 to 9');
  const text = (key: string, max: number): Judgement => {
    const value = parameter?.[key];
    if (typeof value !== 'string' || value === '') return missing(`${key} of a ${sub_type} button`);
    return longer(value, max) ? wrongValue(`${key} of a ${sub_type} button is longer than ${max}`) : undefined;
  };
  switch (sub_type.toLowerCase()) {
    case 'quick_reply':
      return text('payload', Infinity);
    case 'url':
      return text('text', 2000);
    case 'copy_code':
      return text('coupon_code', 15);
    case 'flow':
      return parameter === undefined || isObject(parameter['action']) ? undefined : missing('action of a flow button');
    default:
      return undefined;
  }
}

function judgeOffer(parameter: JsonObject): Judgement {
  const offer = parameter['limited_time_offer'];
  const until = isObject(offer) ? offer['expiration_time_ms'] : undefined;
  return typeof until === 'number' && until > 0 ? undefined : missing('expiration_time_ms');
}

/** No component twice; buttons count by their place. */
function judgePlaces(components: readonly JsonObject[]): Judgement {
  const places = components.map(({ type, index }) => `${String(type).toLowerCase()}#${String(index)}`);
  return new Set(places).size < places.length ? wrongValue('A component is given twice') : undefined;
}

function first(items: readonly JsonObject[], judge: (item: JsonObject) => Judgement): Judgement {
  for (const item of items) {
    const judgement = judge(item);
    if (judgement !== undefined) return judgement;
  }
  return undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
