import type { JsonObject, TemplateContent, TemplateParams } from '../../contract/index.js';
import { defined } from '../graph/index.js';
import { reference } from './render-media.js';

/** Meta: whatsapp/templates, "send". Parts without variables need no component. */
export function renderTemplate({ name, language, params, components }: TemplateContent): JsonObject {
  const rendered = components ?? renderParams(params ?? {});
  return { name, language: { code: language }, ...(rendered.length > 0 && { components: [...rendered] }) };
}

function renderParams({ header, body, buttons, code, offer }: TemplateParams): JsonObject[] {
  const components: JsonObject[] = [];
  if (header) components.push({ type: 'header', parameters: [renderHeader(header)] });
  const values = renderBody(body ?? []);
  if (values.length > 0) components.push({ type: 'body', parameters: values });
  if (offer) components.push(renderOffer(offer));
  for (const button of buttons ?? []) components.push(renderButton(button));
  // every kind of authentication template takes the code twice (Meta: templates/authentication-templates)
  if (code !== undefined) {
    components.push({ type: 'body', parameters: [{ type: 'text', text: code }] });
    components.push(renderButton({ index: 0, text: code }));
  }
  return components;
}

function renderHeader(header: NonNullable<TemplateParams['header']>): JsonObject {
  if (header.text !== undefined) return { type: 'text', text: header.text };
  if (header.image) return { type: 'image', image: reference(header.image, false) };
  if (header.video) return { type: 'video', video: reference(header.video, false) };
  if (header.document) return { type: 'document', document: reference(header.document, true) };
  const { latitude, longitude, name, address } = header.location ?? {};
  return { type: 'location', location: defined({ latitude, longitude, name, address }) };
}

function renderOffer({ expiresAt }: NonNullable<TemplateParams['offer']>): JsonObject {
  const parameter = { type: 'limited_time_offer', limited_time_offer: { expiration_time_ms: Date.parse(expiresAt) } };
  return { type: 'limited_time_offer', parameters: [parameter] };
}

function renderBody(body: NonNullable<TemplateParams['body']>): JsonObject[] {
  if (Array.isArray(body)) return body.map((text: string) => ({ type: 'text', text }));
  return Object.entries(body).map(([name, text]) => ({ type: 'text', parameter_name: name, text: String(text) }));
}

function renderButton(button: NonNullable<TemplateParams['buttons']>[number]): JsonObject {
  const component = (subType: string, parameter: JsonObject): JsonObject => ({
    type: 'button',
    sub_type: subType,
    index: String(button.index),
    parameters: [parameter],
  });
  if (button.payload !== undefined) return component('quick_reply', { type: 'payload', payload: button.payload });
  if (button.code !== undefined) return component('copy_code', { type: 'coupon_code', coupon_code: button.code });
  if (button.flow !== undefined) return component('flow', { type: 'action', action: button.flow });
  return component('url', { type: 'text', text: button.text ?? '' });
}
