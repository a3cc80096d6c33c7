import { InitialSchema1763640000000 } from './1763640000000-initial-schema.js';
import { Templates1764000000000 } from './1764000000000-templates.js';
import { Admission1765000000000 } from './1765000000000-admission.js';
import { Webhooks1765100000000 } from './1765100000000-webhooks.js';
import { Consent1765200000000 } from './1765200000000-consent.js';
import { Watching1765300000000 } from './1765300000000-watching.js';
import { Limits1765400000000 } from './1765400000000-limits.js';
import { Usage1765500000000 } from './1765500000000-usage.js';
import { Timeline1765600000000 } from './1765600000000-timeline.js';
import { LeanOutbound1765700000000 } from './1765700000000-lean-outbound.js';
import { Conversations1766000000000 } from './1766000000000-conversations.js';
import { Media1766100000000 } from './1766100000000-media.js';
import { AccountCare1766200000000 } from './1766200000000-account-care.js';
import { Onboarding1766300000000 } from './1766300000000-onboarding.js';
import { Reach1766500000000 } from './1766500000000-reach.js';
import { Watermarks1766700000000 } from './1766700000000-watermarks.js';
import { Dialogs1766800000000 } from './1766800000000-dialogs.js';
import { InboundTenths1766950000000 } from './1766950000000-inbound-tenths.js';
import { LighterWrites1766960000000 } from './1766960000000-lighter-writes.js';

/** Every migration, oldest first. A host application can spread it into its own DataSource. Never edit one once landed. */
export const MIGRATIONS = [
  InitialSchema1763640000000,
  Templates1764000000000,
  Admission1765000000000,
  Webhooks1765100000000,
  Consent1765200000000,
  Watching1765300000000,
  Limits1765400000000,
  Usage1765500000000,
  Timeline1765600000000,
  LeanOutbound1765700000000,
  Conversations1766000000000,
  Media1766100000000,
  AccountCare1766200000000,
  Onboarding1766300000000,
  Reach1766500000000,
  Watermarks1766700000000,
  Dialogs1766800000000,
  InboundTenths1766950000000,
  LighterWrites1766960000000,
] as const;
