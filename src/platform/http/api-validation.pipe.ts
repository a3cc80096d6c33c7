import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldError, Problem } from '../problem/problem.js';
import { judgeShape } from './judge-shape.js';

/** A body with a hundred thousand mistakes is not answered with a hundred thousand entries. */
const MAX_ERRORS = 50;

/** Validates by the DTO's class, strictly: unknown fields are refused and named, and nothing is converted in silence. */
@Injectable()
export class ApiValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      exceptionFactory: (errors) => refuse(errors.flatMap((error) => [...fieldErrors(error, '')])),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && metadata.data === undefined) {
      const fault = judgeShape(value);
      if (fault) throw refuse([fault]);
      if (this.toValidate(metadata) && (typeof value !== 'object' || Array.isArray(value)) && value !== undefined) {
        throw new Problem(400, 'body.malformed', 'The body must be a JSON object.');
      }
    }
    return super.transform(value, metadata);
  }
}

function refuse(errors: readonly FieldError[]): Problem {
  const shown = errors.slice(0, MAX_ERRORS);
  const more = errors.length - shown.length;
  const names = [...new Set(shown.map(({ path }) => path))].slice(0, 5).join(', ');
  return new Problem(
    400,
    'validation.failed',
    `The request does not have the expected shape: ${names}${more > 0 ? ` and ${more} more` : ''}.`,
    shown,
  );
}

function* fieldErrors(error: ValidationError, parent: string): Generator<FieldError> {
  const path = joinPath(parent, error.property);
  for (const [name, message] of Object.entries(error.constraints ?? {})) {
    if (name === 'whitelistValidation') yield { path, code: 'field.unknown', message: `${path} is not a known field` };
    else yield { path, code: codeOf(name), message };
  }
  for (const child of error.children ?? []) yield* fieldErrors(child, path);
}

function joinPath(parent: string, property: string): string {
  const clipped = property.length > 100 ? `${property.slice(0, 99)}…` : property;
  if (!parent) return clipped;
  return /^\d+$/.test(clipped) ? `${parent}[${clipped}]` : `${parent}.${clipped}`;
}

/** class-validator's `isNotEmpty` → `not_empty`. */
function codeOf(constraint: string): string {
  return constraint
    .replace(/^is(?=[A-Z])/, '')
    .replace(/[A-Z]/g, (letter, at: number) => `${at ? '_' : ''}${letter.toLowerCase()}`);
}
