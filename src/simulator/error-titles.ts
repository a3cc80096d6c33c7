/**
 * What Meta calls its error codes. Meta: support/error-codes. Clients must decide by the code, so a code that is not
 * listed here works just as well; the titles only make logs look like the real ones.
 */
const TITLES: Readonly<Record<number, string>> = {
  0: 'AuthException',
  1: 'API Unknown',
  2: 'API Service',
  3: 'API Method',
  4: 'Application request limit reached',
  10: 'Application does not have permission for this action',
  33: 'Parameter value is not valid',
  100: 'Invalid parameter',
  190: 'Access token has expired',
  200: 'Permissions error',
  368: 'Temporarily blocked for policies violations',
  80007: 'Rate limit issues',
  130403: 'Business has blocked the user',
  130429: 'Rate limit hit',
  130472: "User's number is part of an experiment",
  130497: 'Business account is restricted from messaging users in this country',
  131000: 'Something went wrong',
  131005: 'Access denied',
  131008: 'Required parameter is missing',
  131009: 'Parameter value is not valid',
  131016: 'Service unavailable',
  131021: 'Recipient cannot be sender',
  131026: 'Message undeliverable',
  131030: 'Recipient phone number not in allowed list',
  131031: 'Account has been locked',
  131037: 'Display name approval needed',
  131042: 'Business eligibility payment issue',
  131045: 'Incorrect certificate',
  131047: 'Re-engagement message',
  131048: 'Spam rate limit hit',
  131049: 'This message was not delivered to maintain healthy ecosystem engagement',
  131050: 'User has stopped marketing messages',
  131051: 'Unsupported message type',
  131052: 'Media download error',
  131053: 'Media upload error',
  131056: '(Business Account, Consumer Account) pair rate limit hit',
  131057: 'Account in maintenance mode',
  131062: 'Business-scoped user id is not supported for this message',
  131064: 'Limit reached for template classification violations',
  132000: 'Template parameter count mismatch',
  132001: 'Template does not exist',
  132005: 'Template hydrated text too long',
  132007: 'Template format character policy violated',
  132012: 'Template parameter format mismatch',
  132015: 'Template is paused',
  132016: 'Template is disabled',
  133004: 'Server temporarily unavailable',
  133000: 'Incomplete deregistration',
  133005: 'Two step verification PIN mismatch',
  133006: 'Phone number re-verification needed',
  133008: 'Too many two step verification PIN guesses',
  133009: 'Two step verification PIN guessed too fast',
  133010: 'Phone number not registered',
  133015: 'Phone number was recently deleted',
  133016: 'Account register and deregister rate limit exceeded',
  135000: 'Generic user error',
  136024: 'Phone number is verified already',
  136025: 'Verification code error',
  2388019: 'Template count limit exceeded',
  2388023: 'Message template language is being deleted',
  2388024: 'Message template language already exists',
  2388039: 'Message template cannot be edited',
  2388040: 'Message template field character limit exceeded',
  2388047: 'Message template header format is incorrect',
  2388072: 'Message template body format is incorrect',
  2388073: 'Message template footer format is incorrect',
  2388293: 'Message template has too many variables for its length',
  2388299: 'Message template cannot begin or end with a variable',
  137000: 'Identity key mismatch',
};

export function errorTitle(code: number): string {
  return TITLES[code] ?? 'An error occurred';
}

/**
 * The HTTP status Meta puts beside a code: 400 for most, 401 for the token, 403 for permissions, 429 for rates, 5xx for
 * its own trouble. Meta: support/error-codes
 */
export function httpStatusOf(code: number): number {
  if (code === 0 || code === 102 || code === 104 || code === 190) {
    return 401;
  }
  if (code === 10 || code === 131005 || code === 131031 || code === 368 || (code >= 200 && code <= 299)) {
    return 403;
  }
  if (code === 4 || code === 80007 || code === 130429 || code === 131048 || code === 131056) {
    return 429;
  }
  if (code === 1 || code === 3 || code === 131000 || code === 134102) {
    return 500;
  }
  if (code === 2 || code === 131016 || code === 131057 || code === 133004) {
    return 503;
  }
  return 400;
}
