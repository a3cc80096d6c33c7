/** The {@link PatchbayOptions} of a host. */
export const PATCHBAY_OPTIONS = Symbol('patchbay:options');
