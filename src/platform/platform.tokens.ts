/** The parsed environment ({@link Config}). */
export const CONFIG = Symbol('patchbay:config');
/** The process's log ({@link Log}). */
export const LOG = Symbol('patchbay:log');
/** HTTP to providers: the operator chose their addresses, so any is allowed ({@link HttpClient}). */
export const PROVIDER_HTTP = Symbol('patchbay:provider-http');
/** HTTP to addresses that API callers chose: private ones only with ALLOW_PRIVATE_URLS ({@link HttpClient}). */
export const OUTSIDE_HTTP = Symbol('patchbay:outside-http');
/** The installation's id (a UUID), made with the database. */
export const INSTALLATION_ID = Symbol('patchbay:installation-id');
