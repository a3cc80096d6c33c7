export { pageChannel } from './channel.js';
export { findPages } from './find-pages.js';
export type { PageLimits } from './network.js';
export { clean, presentGroups } from './present.js';
export { profileOf } from './profile.js';
export { refreshOf } from './refresh.js';
export { splitPages } from './split.js';
export { isGone, PAGE_FIELDS, subscribe, subscribedFields, unsubscribe } from './subscription.js';
export { asPage, PAGE_TOKEN, SETUP_TOKEN } from './tokens.js';
