/** The bootstrap key in clear, or undefined in a process that serves no API. */
export const ADMIN_KEY = Symbol('patchbay:admin-key');
