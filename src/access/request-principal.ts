import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { Request } from 'express';
import type { Principal } from './principal.js';

/** Who made a request, once the guard has let it in. Kept beside the request, not on it: a host's own `req.user` stays. */
const PRINCIPALS = new WeakMap<Request, Principal>();

export function rememberPrincipal(request: Request, principal: Principal): void {
  PRINCIPALS.set(request, principal);
}

export function principalOf(context: ExecutionContext): Principal {
  const principal = PRINCIPALS.get(context.switchToHttp().getRequest<Request>());
  if (!principal) throw new Error('the route has no ApiKeyGuard: bind it with @ApiRoute');
  return principal;
}

/** The {@link Principal} of the request, as a parameter of a handler. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext) => principalOf(context));
