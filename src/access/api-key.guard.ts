import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AccessService } from './access.service.js';
import { rememberPrincipal } from './request-principal.js';

/** Lets in whoever has a key, or whom a host application knows. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly access: AccessService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    rememberPrincipal(request, await this.access.identify(request));
    return true;
  }
}
