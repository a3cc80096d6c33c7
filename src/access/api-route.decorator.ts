import { Controller, UseFilters, UseGuards, UsePipes, applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ApiValidationPipe } from '../platform/http/api-validation.pipe.js';
import { ProblemFilter } from '../platform/http/problem.filter.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { PermissionGuard } from './permission.guard.js';
import { RateLimitGuard } from './rate-limit.guard.js';

export const API_BASE = 'api/v1';

/**
 * A controller of the HTTP API under `/api/v1/<path>`: key, rate limit, permission, validation and problem+json in one. Bound
 * to the controller and not to the application, so that a host application keeps its own. Its module imports AccessModule.
 */
export function ApiRoute(path: string): ClassDecorator {
  return applyDecorators(
    Controller(`${API_BASE}/${path}`),
    UseFilters(ProblemFilter),
    UseGuards(ApiKeyGuard, RateLimitGuard, PermissionGuard),
    UsePipes(ApiValidationPipe),
    ApiBearerAuth(),
    ApiTags(path),
  );
}
