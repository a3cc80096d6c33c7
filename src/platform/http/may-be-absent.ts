import { ValidateIf } from 'class-validator';

/** The field may be left out. Unlike class-validator's IsOptional, an explicit null is not taken for that. */
export function MayBeAbsent(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}
