import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AccessService } from './access.service.js';
import { unauthorized } from './principal.js';
import { rememberPrincipal } from './request-principal.js';

/** Lets in whoever has a key. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly access: AccessService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const { authorization } = request.headers;
    const principal = await this.access.authenticate(authorization);
    if (!principal) {
      throw unauthorized(
        authorization ? 'This API key is not known.' : 'An API key is needed: Authorization: Bearer <key>.',
      );
    }
    rememberPrincipal(request, principal);
    return true;
  }
}
