import { ALL_SCOPES } from './default-world.js';
import type {
  AppInput,
  BusinessInput,
  Dialog360Input,
  PhoneNumberInput,
  SimApp,
  SimBusiness,
  SimDialog360,
  SimPhoneNumber,
  SimTemplate,
  SimToken,
  SimUser,
  SimWaba,
  TemplateInput,
  TokenInput,
  UserInput,
  WabaInput,
  WorldInput,
} from './world.types.js';

/**
 * Everything that exists on the platform, as plain objects that a test may change between two calls. Each `add…` adds or,
 * for an id that is known, changes what is given; what is left out gets a sensible value. Lookups are by map: the path of
 * a message must not depend on how large the world is.
 */
export class World {
  readonly apps = new Map<string, SimApp>();
  readonly tokens = new Map<string, SimToken>();
  readonly users = new Map<string, SimUser>();
  readonly businesses = new Map<string, SimBusiness>();
  readonly wabas = new Map<string, SimWaba>();
  readonly phoneNumbers = new Map<string, SimPhoneNumber>();
  /** By key. */
  readonly dialog360 = new Map<string, SimDialog360>();
  private generated = 0;

  merge(input: WorldInput): void {
    input.apps?.forEach((app) => this.addApp(app));
    input.businesses?.forEach((business) => this.addBusiness(business));
    input.users?.forEach((user) => this.addUser(user));
    input.tokens?.forEach((token) => this.addToken(token));
    input.wabas?.forEach((waba) => this.addWaba(waba));
    input.dialog360?.forEach((number) => this.addDialog360(number));
  }

  clear(): void {
    for (const map of [
      this.apps,
      this.tokens,
      this.users,
      this.businesses,
      this.wabas,
      this.phoneNumbers,
      this.dialog360,
    ]) {
      map.clear();
    }
    this.generated = 0;
  }

  app(id: string): SimApp {
    return known(this.apps.get(id), 'app', id);
  }

  token(token: string): SimToken {
    return known(this.tokens.get(token), 'token', token);
  }

  user(id: string): SimUser {
    return known(this.users.get(id), 'user', id);
  }

  business(id: string): SimBusiness {
    return known(this.businesses.get(id), 'business', id);
  }

  waba(id: string): SimWaba {
    return known(this.wabas.get(id), 'WABA', id);
  }

  phoneNumber(id: string): SimPhoneNumber {
    return known(this.phoneNumbers.get(id), 'phone number', id);
  }

  addApp(input: AppInput): SimApp {
    const app = this.apps.get(input.id) ?? {
      id: input.id,
      secret: `secret-of-${input.id}`,
      name: `App ${input.id}`,
      callback: undefined,
      requireProof: false,
      redirectUris: undefined,
      deauthorizeUrl: undefined,
      consent: {},
    };
    Object.assign(app, input);
    this.apps.set(app.id, app);
    return app;
  }

  addUser(input: UserInput): SimUser {
    const user = this.users.get(input.id) ?? {
      id: input.id,
      name: `System user ${input.id}`,
      assigned: new Set<string>(),
      businesses: new Set<string>(),
    };
    user.name = input.name ?? user.name;
    input.assigned?.forEach((id) => user.assigned.add(id));
    input.businesses?.forEach((id) => user.businesses.add(id));
    this.users.set(user.id, user);
    return user;
  }

  addBusiness(input: BusinessInput): SimBusiness {
    const business = this.businesses.get(input.id) ?? {
      id: input.id,
      name: `Business ${input.id}`,
      owned: new Set<string>(),
      clients: new Set<string>(),
      messagingLimit: undefined,
    };
    business.name = input.name ?? business.name;
    business.messagingLimit = input.messagingLimit ?? business.messagingLimit;
    input.owned?.forEach((id) => business.owned.add(id));
    input.clients?.forEach((id) => business.clients.add(id));
    this.businesses.set(business.id, business);
    return business;
  }

  /** A token of the first app and the first user, with every scope, unless said otherwise. */
  addToken(input: TokenInput): SimToken {
    const token = this.tokens.get(input.token) ?? {
      token: input.token,
      appId: first(this.apps) ?? '',
      userId: first(this.users) ?? '',
      type: 'SYSTEM_USER',
      scopes: [...ALL_SCOPES],
      granularScopes: undefined,
      valid: true,
      expiresAt: 0,
    };
    Object.assign(token, input);
    this.tokens.set(token.token, token);
    return token;
  }

  addWaba(input: WabaInput = {}): SimWaba {
    const { phoneNumbers, subscribedApps, templates, assignedTo, ownedBy, ...fields } = input;
    const id = input.id ?? this.nextId('1022901293404');
    const isNew = !this.wabas.has(id);
    const waba = this.wabas.get(id) ?? newWaba(id);
    Object.assign(waba, fields);
    this.wabas.set(id, waba);
    subscribedApps?.forEach((app) => waba.subscribedApps.set(app.appId, { ...app }));
    templates?.forEach((template) => this.addTemplate(id, template));
    phoneNumbers?.forEach((number) => this.addPhoneNumber(id, number));
    if (isNew || assignedTo !== undefined) {
      const users = assignedTo ?? [...this.users.keys()].slice(0, 1);
      users.forEach((userId) => this.user(userId).assigned.add(id));
    }
    if (isNew || ownedBy !== undefined) {
      const owner = ownedBy === undefined ? first(this.businesses) : ownedBy;
      if (owner) {
        const business = this.business(owner);
        business.owned.add(id);
        waba.owner_business_info = fields.owner_business_info ?? { id: business.id, name: business.name };
      }
    }
    return waba;
  }

  addPhoneNumber(wabaId: string, input: PhoneNumberInput = {}): SimPhoneNumber {
    const waba = this.waba(wabaId);
    const { allowedRecipients, ...fields } = input;
    const id = input.id ?? this.nextId('1065403522429');
    const number = this.phoneNumbers.get(id) ?? newPhoneNumber(id, waba, this.generated);
    Object.assign(number, fields, { wabaId });
    if (allowedRecipients !== undefined) {
      number.allowedRecipients = new Set(allowedRecipients.map((phone) => phone.replace(/[^0-9]/g, '')));
    }
    this.phoneNumbers.set(id, number);
    waba.phoneNumbers.set(id, number);
    return number;
  }

  /** Serves a number, the first one unless named, by way of 360dialog as well. */
  addDialog360(input: Dialog360Input): SimDialog360 {
    const number = this.dialog360.get(input.key) ?? {
      key: input.key,
      phoneNumberId: first(this.phoneNumbers) ?? '',
      webhook: undefined,
      signingSecret: undefined,
      refuses: undefined,
      blocked: [],
    };
    Object.assign(number, input);
    this.dialog360.set(number.key, number);
    return number;
  }

  /** Declares a template; from then on the WABA refuses the ones it does not know with 132001. */
  addTemplate(wabaId: string, input: TemplateInput): SimTemplate {
    const template: SimTemplate = {
      id: this.nextId('5940257729'),
      language: 'en_US',
      status: 'APPROVED',
      category: 'UTILITY',
      components: [{ type: 'BODY', text: 'Hello' }],
      pacing: false,
      edits: [],
      extra: {},
      ...input,
    };
    this.waba(wabaId).templates.set(`${template.name}/${template.language}`, template);
    return template;
  }

  /** A template by its id, and the WABA that has it. */
  template(id: string): { waba: SimWaba; template: SimTemplate } | undefined {
    for (const waba of this.wabas.values()) {
      for (const template of waba.templates.values()) {
        if (template.id === id) {
          return { waba, template };
        }
      }
    }
    return undefined;
  }

  /** Subscribes an app to a WABA without a Graph call. */
  subscribe(wabaId: string, appId: string, overrideCallbackUri?: string): void {
    this.waba(wabaId).subscribedApps.set(this.app(appId).id, {
      appId,
      ...(overrideCallbackUri === undefined ? {} : { override_callback_uri: overrideCallbackUri }),
    });
  }

  private nextId(prefix: string): string {
    this.generated += 1;
    return `${prefix}${String(this.generated).padStart(5, '0')}`;
  }
}

function newWaba(id: string): SimWaba {
  return {
    id,
    name: `WABA ${id}`,
    country: 'US',
    currency: 'USD',
    timezone_id: '1',
    account_review_status: 'APPROVED',
    business_verification_status: 'verified',
    ownership_type: 'SELF',
    owner_business_info: undefined,
    message_template_namespace: `namespace_${id}`,
    phoneNumbers: new Map(),
    subscribedApps: new Map(),
    templates: new Map(),
    blockedTemplates: new Map(),
    templateCreations: [],
    // without one, nothing that costs money is sent
    extra: { primary_funding_id: `3${id}` },
  };
}

function newPhoneNumber(id: string, waba: SimWaba, ordinal: number): SimPhoneNumber {
  return {
    id,
    wabaId: waba.id,
    display_phone_number: `+1 555-${String(100 + (Math.floor(ordinal / 10_000) % 900))}-${String(ordinal % 10_000).padStart(4, '0')}`,
    verified_name: waba.name,
    status: 'CONNECTED',
    quality_rating: 'GREEN',
    whatsapp_business_manager_messaging_limit: 'TIER_2K',
    throughput: { level: 'STANDARD' },
    mps: undefined,
    account_mode: 'LIVE',
    name_status: 'APPROVED',
    code_verification_status: 'VERIFIED',
    platform_type: 'CLOUD_API',
    allowedRecipients: undefined,
    overrides: new Map(),
    pin: undefined,
    code: undefined,
    registrations: [],
    profile: {},
    extra: {},
  };
}

function first(map: ReadonlyMap<string, unknown>): string | undefined {
  return map.keys().next().value;
}

function known<T>(value: T | undefined, kind: string, id: string): T {
  if (value === undefined) {
    throw new Error(`the simulated world has no ${kind} ${id}`);
  }
  return value;
}
