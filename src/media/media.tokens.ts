/** Where the bytes of files are ({@link MediaStore}). */
export const MEDIA_STORE = Symbol('patchbay:media-store');
/** Where files are put together ({@link Staging}). */
export const MEDIA_STAGING = Symbol('patchbay:media-staging');
