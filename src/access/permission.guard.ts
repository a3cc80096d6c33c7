import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Permission } from './permissions.js';
import { requirePermission } from './principal.js';
import { principalOf } from './request-principal.js';

const PERMISSION = Symbol('patchbay:permission');

/** The permission that a handler needs. Every handler of an {@link ApiRoute} has one. */
export const RequirePermission = (permission: Permission): MethodDecorator => SetMetadata(PERMISSION, permission);

@Injectable()
export class PermissionGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const permission = this.reflector.get<Permission | undefined>(PERMISSION, context.getHandler());
    if (!permission) throw new Error(`${context.getHandler().name} names no permission: add @RequirePermission`);
    requirePermission(principalOf(context), permission);
    return true;
  }
}
