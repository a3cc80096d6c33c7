/** A JSON object whose inside nobody here interprets. */
export type JsonObject = { [key: string]: unknown };

/** The callback a Meta app has for the object `whatsapp_business_account`. */
export interface AppCallback {
  url: string;
  verifyToken: string;
  /** Field selection is per app; a field that is not listed is never sent. Meta: webhooks/overview */
  fields: string[];
}

export interface SimApp {
  id: string;
  secret: string;
  name: string;
  callback: AppCallback | undefined;
  /** Whether calls without `appsecret_proof` are refused ("Require App Secret" in the App Dashboard). */
  requireProof: boolean;
  /** "Valid OAuth Redirect URIs" of the App Dashboard; undefined = any is taken. */
  redirectUris: string[] | undefined;
  /** Where Meta tells that a person has removed the app. */
  deauthorizeUrl: string | undefined;
  /** What the person does who opens the login dialog next. */
  consent: Consent;
}

export interface Consent {
  /** Default: the first user of the world. */
  userId?: string;
  /** WABAs that are ticked. Default: those that the user is assigned to. */
  wabas?: string[];
  /** Instead of those that the dialog asked for. */
  scopes?: string[];
  /** Clicks "Cancel". */
  refuses?: boolean;
}

export interface GranularScope {
  scope: string;
  /** Missing means every asset of that kind; plain system user tokens often have none. */
  target_ids?: string[];
}

export interface SimToken {
  token: string;
  appId: string;
  userId: string;
  type: 'SYSTEM_USER' | 'USER' | 'PAGE';
  scopes: string[];
  /** Undefined: derived from what the user is assigned to. */
  granularScopes: GranularScope[] | undefined;
  valid: boolean;
  /** Unix seconds; 0 = never. */
  expiresAt: number;
}

export interface SimUser {
  id: string;
  name: string;
  /** WABAs assigned to this system user in Business Settings. */
  assigned: Set<string>;
  businesses: Set<string>;
}

export interface SimBusiness {
  id: string;
  name: string;
  owned: Set<string>;
  clients: Set<string>;
  /** People its numbers may reach outside windows in 24 h; undefined = not limited, and numbers show what they were given. */
  messagingLimit: number | 'unlimited' | undefined;
}

export interface SubscribedApp {
  appId: string;
  override_callback_uri?: string;
}

export interface SimTemplate {
  id: string;
  name: string;
  language: string;
  status: string;
  category: string;
  components: JsonObject[];
  /** While true, messages of it are held back until it is decided whether people like them. Meta: templates/template-pacing */
  pacing: boolean;
  /** When it was edited, in ms; Meta counts them. */
  edits: number[];
  /** Other Graph fields of the node. */
  extra: JsonObject;
}

export interface SimPhoneNumber {
  id: string;
  wabaId: string;
  display_phone_number: string;
  verified_name: string;
  status: string;
  quality_rating: string;
  whatsapp_business_manager_messaging_limit: string;
  throughput: { level: string };
  /** Messages per second, whatever the level says; undefined = by the level. Graph does not show it. */
  mps: number | undefined;
  account_mode: string;
  name_status: string;
  code_verification_status: string;
  platform_type: string;
  /** Set = a test number: only these (digits) may be written to, others are refused with 131030. */
  allowedRecipients: Set<string> | undefined;
  /** Callback override of the number, by app. Meta: webhooks/override */
  overrides: Map<string, string>;
  /** Six digits; undefined = two-step verification was never set. Graph shows only whether there is one. */
  pin: string | undefined;
  /** The code that was sent to the number and not used yet. */
  code: string | undefined;
  /** When somebody registered or deregistered it, in ms. */
  registrations: number[];
  /** Of its business profile, what was set. */
  profile: JsonObject;
  extra: JsonObject;
}

export interface SimWaba {
  id: string;
  name: string;
  country: string;
  currency: string;
  timezone_id: string;
  account_review_status: string;
  business_verification_status: string;
  ownership_type: string;
  owner_business_info: { id: string; name: string } | undefined;
  message_template_namespace: string;
  phoneNumbers: Map<string, SimPhoneNumber>;
  subscribedApps: Map<string, SubscribedApp>;
  /** By `name/language`. Empty = the world declares no templates and every template is taken. */
  templates: Map<string, SimTemplate>;
  /** `name/language` of what was deleted, and until when it cannot be used again, in ms. */
  blockedTemplates: Map<string, number>;
  /** When templates were created by the API, in ms. */
  templateCreations: number[];
  extra: JsonObject;
}

/** A number as 360dialog serves it: one key, one webhook. */
export interface SimDialog360 {
  key: string;
  phoneNumberId: string;
  webhook: { url: string; headers: Record<string, string> } | undefined;
  /** Set = webhooks carry `x-360dialog-signature`, as partners have it. */
  signingSecret: string | undefined;
  /** What every call is refused with, if anything. */
  refuses: 'disabled' | 'rate' | 'unpaid' | 'unavailable' | undefined;
  /** Paths that are blocked for the number, such as `/messages`. */
  blocked: string[];
}

export type Dialog360Input = Partial<Omit<SimDialog360, 'key'>> & { key: string };

export type AppInput = Partial<Omit<SimApp, 'id'>> & { id: string };
export type TokenInput = Partial<Omit<SimToken, 'token'>> & { token: string };
export type TemplateInput = Partial<SimTemplate> & { name: string };
export type UserInput = { id: string; name?: string; assigned?: string[]; businesses?: string[] };
export type BusinessInput = {
  id: string;
  name?: string;
  owned?: string[];
  clients?: string[];
  messagingLimit?: number | 'unlimited';
};

export type PhoneNumberInput = Partial<Omit<SimPhoneNumber, 'wabaId' | 'allowedRecipients' | 'overrides'>> & {
  allowedRecipients?: string[] | undefined;
};

export type WabaInput = Partial<Omit<SimWaba, 'phoneNumbers' | 'subscribedApps' | 'templates' | 'blockedTemplates'>> & {
  phoneNumbers?: PhoneNumberInput[];
  subscribedApps?: SubscribedApp[];
  templates?: TemplateInput[];
  /** System users it is assigned to. Default: the first user of the world. */
  assignedTo?: string[];
  /** Business that owns it; null = none. Default: the first business of the world. */
  ownedBy?: string | null;
};

/** A world as data: what `POST /_sim/world` takes and what `startSimulator({ world })` adds to the default one. */
export interface WorldInput {
  apps?: AppInput[];
  businesses?: BusinessInput[];
  users?: UserInput[];
  tokens?: TokenInput[];
  wabas?: WabaInput[];
  dialog360?: Dialog360Input[];
}
