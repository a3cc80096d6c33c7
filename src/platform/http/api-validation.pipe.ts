import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import { VALIDATION, refuseBody, requireObject, requireShape } from './validate-body.js';

/** Validates by the DTO's class, strictly: unknown fields are refused and named, and nothing is converted in silence. */
@Injectable()
export class ApiValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      ...VALIDATION,
      exceptionFactory: refuseBody,
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && metadata.data === undefined) {
      requireShape(value);
      if (this.toValidate(metadata) && value !== undefined && value !== null) requireObject(value);
    }
    return super.transform(value, metadata);
  }
}
