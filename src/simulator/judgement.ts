import { GraphError } from './graph-error.js';

/** A part inside a typed object is missing. */
export function missing(what: string): GraphError {
  return new GraphError({ code: 131008, details: `Required parameter ${what} is missing` });
}

/** A part inside a typed object is not allowed. */
export function wrongValue(details: string): GraphError {
  return new GraphError({ code: 131009, details });
}

/** Whether a text has more characters than allowed; what is no text is not too long. */
export function longer(text: unknown, limit: number): boolean {
  return typeof text === 'string' && text.length > limit && [...text].length > limit;
}
