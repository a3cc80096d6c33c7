/** What an API key may be allowed to do. */
export const PERMISSIONS = [
  'gateways:read',
  'gateways:write',
  'messages:read',
  'messages:send',
  'events:read',
  'events:replay',
  'keys:write',
] as const;

export type Permission = (typeof PERMISSIONS)[number];
