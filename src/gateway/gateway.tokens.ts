/** The installed gateway types: `readonly GatewayType[]`, listed by the app module. */
export const GATEWAY_TYPES = Symbol('patchbay:gateway-types');
