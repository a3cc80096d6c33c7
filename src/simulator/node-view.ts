import type { FieldSpec } from './fields.js';
import { formatFields, parseFields } from './fields.js';
import { GraphError, invalidParameter } from './graph-error.js';
import type { GraphCall } from './graph.types.js';
import { parameter } from './graph.types.js';
import { messagingLimitOf } from './number-changes.js';
import { pageOf } from './paging.js';
import type { PageOptions } from './paging.js';
import type { JsonObject, SimPhoneNumber, SimTemplate, SimWaba } from './world.types.js';

/** Fields that exist at Meta even where this world has no value for them; anything else is a misspelling and refused. */
const WABA_FIELDS = fieldSet(`id name country currency timezone_id account_review_status business_verification_status
  ownership_type owner_business_info message_template_namespace on_behalf_of_business_info status health_status
  is_enabled_for_insights primary_funding_id marketing_messages_lite_api_status marketing_messages_onboarding_status
  disable_marketing_messages_on_cloud_api owner_business purchase_order_number auth_international_rate_eligibility`);
const NUMBER_FIELDS = fieldSet(`id display_phone_number verified_name status quality_rating quality_score throughput
  whatsapp_business_manager_messaging_limit messaging_limit_tier account_mode name_status new_name_status
  code_verification_status platform_type is_official_business_account is_pin_enabled is_on_biz_app is_preverified_number
  health_status webhook_configuration certificate new_certificate search_visibility last_onboarded_time country_code
  country_dial_code host_platform unified_cert_status username conversational_automation
  eligibility_for_api_business_global_search`);
const TEMPLATE_FIELDS =
  fieldSet(`id name language status category components sub_category correct_category quality_score
  rejected_reason parameter_format previous_category last_updated_time message_send_ttl_seconds library_template_name
  cta_url_link_tracking_opted_out`);

const WABA_DEFAULT = ['id', 'name', 'currency', 'timezone_id', 'message_template_namespace'];
const NUMBER_DEFAULT = [
  'id',
  'verified_name',
  'display_phone_number',
  'quality_rating',
  'code_verification_status',
  'platform_type',
  'throughput',
  'webhook_configuration',
];
const TEMPLATE_DEFAULT = ['id', 'name', 'language', 'status', 'category', 'components'];

/** The `fields` of a call, parsed; undefined when there were none. */
export function fieldsOf(call: GraphCall): FieldSpec[] | undefined {
  const text = parameter(call.request, 'fields');
  return text === undefined || text === '' ? undefined : parseFields(text);
}

/** A WABA as Graph shows it, with its edges where they are named. */
export function viewWaba(call: GraphCall, waba: SimWaba, fields = named(WABA_DEFAULT)): JsonObject {
  const { phoneNumbers: _numbers, subscribedApps: _apps, templates: _templates, extra, ...rest } = waba;
  const { blockedTemplates: _blocked, templateCreations: _creations, ...own } = rest;
  const view = pick({ ...own, ...extra }, fields, WABA_FIELDS, 'WhatsAppBusinessAccount', WABA_EDGES);
  for (const field of fields) {
    const edge = WABA_EDGES.get(field.name);
    if (edge !== undefined) {
      const options = { ...field.modifiers, fields: field.fields && formatFields(field.fields) };
      view[field.name] = edge(call, waba, options, field.fields);
    }
  }
  return view;
}

export function viewPhoneNumber(call: GraphCall, number: SimPhoneNumber, fields = named(NUMBER_DEFAULT)): JsonObject {
  const { wabaId: _waba, allowedRecipients: _allowed, overrides: _overrides, mps: _mps, extra, ...rest } = number;
  const { pin, code: _code, registrations: _registrations, profile: _profile, ...own } = rest;
  const limit = messagingLimitOf(call.platform, number);
  const derived = {
    is_pin_enabled: pin !== undefined,
    health_status: healthOf(call, number),
    webhook_configuration: webhookConfiguration(call, number),
  };
  const limits = { whatsapp_business_manager_messaging_limit: limit, messaging_limit_tier: limit };
  return pick({ ...derived, ...own, ...limits, ...extra }, fields, NUMBER_FIELDS, 'WhatsAppBusinessPhoneNumber');
}

export function viewTemplate(template: SimTemplate, fields = named(TEMPLATE_DEFAULT)): JsonObject {
  const { pacing: _pacing, edits: _edits, extra, ...own } = template;
  return pick({ ...own, ...extra }, fields, TEMPLATE_FIELDS, 'MessageTemplate');
}

type WabaEdge = (call: GraphCall, waba: SimWaba, options: PageOptions, fields: FieldSpec[] | undefined) => JsonObject;

/** The edges of a WABA, called by their own path or by field expansion. */
export const WABA_EDGES: ReadonlyMap<string, WabaEdge> = new Map<string, WabaEdge>([
  [
    'phone_numbers',
    (call, waba, options, fields) =>
      pageOf(
        filtered(call, [...waba.phoneNumbers.values()]),
        options,
        call.request,
        `/${waba.id}/phone_numbers`,
        (number) => viewPhoneNumber(call, number, fields),
      ),
  ],
  [
    'subscribed_apps',
    (call, waba) => ({
      data: [...waba.subscribedApps.values()].map(({ appId, override_callback_uri }) => ({
        whatsapp_business_api_data: {
          id: appId,
          link: `https://www.facebook.com/games/?app_id=${appId}`,
          name: call.platform.world.apps.get(appId)?.name ?? '',
        },
        ...(override_callback_uri === undefined ? {} : { override_callback_uri }),
      })),
      paging: {},
    }),
  ],
  [
    'message_templates',
    (call, waba, options, fields) =>
      pageOf(wantedTemplates(call, waba), options, call.request, `/${waba.id}/message_templates`, (template) =>
        viewTemplate(template, fields),
      ),
  ],
]);

/** Whether the number may send, and on account of what not. Meta: whatsapp/health-status */
function healthOf({ platform, session }: GraphCall, number: SimPhoneNumber): JsonObject {
  const isConnected = number.status === 'CONNECTED';
  const canSend = isConnected ? 'AVAILABLE' : 'BLOCKED';
  const errors = [
    {
      error_code: 133010,
      error_description: `The phone number is ${number.status}.`,
      possible_solution: 'Register the phone number.',
    },
  ];
  const business = platform.world.wabas.get(number.wabaId)?.owner_business_info?.id;
  const well = (entity_type: string, id: string): JsonObject => ({ entity_type, id, can_send_message: 'AVAILABLE' });
  return {
    can_send_message: canSend,
    entities: [
      {
        entity_type: 'PHONE_NUMBER',
        id: number.id,
        can_send_message: canSend,
        ...(isConnected ? {} : { errors }),
      },
      well('WABA', number.wabaId),
      ...(business === undefined ? [] : [well('BUSINESS', business)]),
      well('APP', session.app.id),
    ],
  };
}

/** Effective callback URLs, as a client sees them before it overwrites somebody else's. Meta: webhooks/override */
function webhookConfiguration(call: GraphCall, number: SimPhoneNumber): JsonObject {
  const { app } = call.session;
  const ofWaba = call.platform.world.wabas.get(number.wabaId)?.subscribedApps.get(app.id)?.override_callback_uri;
  const ofNumber = number.overrides.get(app.id);
  return {
    ...(ofNumber === undefined ? {} : { phone_number: ofNumber }),
    ...(ofWaba === undefined ? {} : { whatsapp_business_account: ofWaba }),
    ...(app.callback === undefined ? {} : { application: app.callback.url }),
  };
}

/** `filtering=[{"field":"account_mode","operator":"EQUAL","value":"LIVE"}]`, for equality only. */
function filtered(call: GraphCall, numbers: SimPhoneNumber[]): SimPhoneNumber[] {
  const text = parameter(call.request, 'filtering');
  if (text === undefined) {
    return numbers;
  }
  let rules: { field: string; value: unknown }[];
  try {
    rules = [JSON.parse(text) as typeof rules].flat();
  } catch {
    throw invalidParameter('Param filtering must be an array.');
  }
  return numbers.filter((number) =>
    rules.every(({ field, value }) => [value].flat().includes((number as unknown as JsonObject)[field])),
  );
}

function wantedTemplates(call: GraphCall, waba: SimWaba): SimTemplate[] {
  const filters = (['name', 'status', 'category', 'language'] as const).map((name) => {
    const wanted = call.request.path.endsWith('/message_templates') ? parameter(call.request, name) : undefined;
    return (template: SimTemplate) => wanted === undefined || template[name] === wanted;
  });
  return [...waba.templates.values()].filter((template) => filters.every((fits) => fits(template)));
}

function pick(
  node: JsonObject,
  fields: readonly FieldSpec[],
  known: ReadonlySet<string>,
  nodeType: string,
  edges?: ReadonlyMap<string, unknown>,
): JsonObject {
  const view: JsonObject = {};
  for (const { name } of fields) {
    if (node[name] !== undefined) {
      view[name] = node[name];
    } else if (!known.has(name) && !edges?.has(name)) {
      throw new GraphError({
        code: 100,
        message: `(#100) Tried accessing nonexisting field (${name}) on node type (${nodeType})`,
      });
    }
  }
  view['id'] = node['id'];
  return view;
}

function named(names: readonly string[]): FieldSpec[] {
  return names.map((name) => ({ name, modifiers: {}, fields: undefined }));
}

function fieldSet(names: string): ReadonlySet<string> {
  return new Set(names.split(/\s+/));
}
