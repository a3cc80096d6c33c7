import type { ClassConstructor } from 'class-transformer';
import { type ValidationError, type ValidatorOptions, validateSync } from 'class-validator';
import { type FieldError, Problem } from '../problem/problem.js';
import { judgeShape } from './judge-shape.js';

/** A body with a hundred thousand mistakes is not answered with a hundred thousand entries. */
const MAX_ERRORS = 50;

/** Strict: unknown fields are refused and named. */
export const VALIDATION: ValidatorOptions = { whitelist: true, forbidNonWhitelisted: true };

/**
 * One of many bodies in a request, judged as the body of a request is; for classes whose fields are not transformed. They are
 * not copied deeply, which costs as much as judging them.
 *
 * @param isPlain tells those apart that are certain to be right, which need not be judged at length
 * @throws Problem 400
 */
export function validateBody<Body extends object>(
  type: ClassConstructor<Body>,
  value: unknown,
  isPlain?: (value: object) => boolean,
): Body {
  requireShape(value);
  requireObject(value);
  const body = Object.assign(new type(), value);
  if (isPlain?.(value)) return body;
  const errors = validateSync(body, { ...VALIDATION, forbidUnknownValues: false });
  if (errors.length > 0) throw refuseBody(errors);
  return body;
}

/** @throws Problem 400 for what is unfit to be validated at all, or to be stored anywhere */
export function requireShape(value: unknown): void {
  const fault = judgeShape(value);
  if (fault) throw refuse([fault]);
}

/** @throws Problem 400 */
export function requireObject(value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new Problem(400, 'body.malformed', 'The body must be a JSON object.');
}

export function refuseBody(errors: readonly ValidationError[]): Problem {
  return refuse(errors.flatMap((error) => [...fieldErrors(error, '')]));
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
