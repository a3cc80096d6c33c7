/** Segments of `a-z 0-9 - _`, divided by single slashes: no dots, so no path can be climbed; no escapes, so it has one spelling. */
export const GATEWAY_URI = /^(?=.{1,64}$)[a-z0-9_-]+(?:\/[a-z0-9_-]+)*$/;

export const GATEWAY_URI_RULE =
  'uri must be 1 to 64 of a-z 0-9 - _ and /, without // and without a leading or trailing /';
