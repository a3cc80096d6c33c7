import { describe, expect, it } from '@jest/globals';
import { HttpException, NotFoundException } from '@nestjs/common';
import { Problem } from '../problem/problem.js';
import { toProblem } from './to-problem.js';

const bodyError = (type: string, status: number): Error =>
  Object.assign(new Error('quotes "the body"'), { type, status });

describe('what is thrown', () => {
  it.each([
    [new Problem(409, 'x.y', 'z'), 409, 'x.y'],
    [new HttpException('', 400, { cause: new Problem(400, 'a.b', 'c') }), 400, 'a.b'],
    [bodyError('entity.parse.failed', 400), 400, 'body.malformed'],
    [new HttpException('quotes', 413, { cause: bodyError('entity.too.large', 413) }), 413, 'body.too_large'],
    [new NotFoundException('Cannot GET /x'), 404, 'route.unknown'],
    [new HttpException('teapot', 418), 418, 'http.418'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 503, 'database.unavailable'],
    [Object.assign(new Error('invalid byte sequence'), { code: '22021' }), 400, 'text.invalid'],
  ])('%s becomes a problem', (error, status, code) => {
    const problem = toProblem(error);
    expect([problem?.status, problem?.code]).toEqual([status, code]);
    expect(problem?.detail).not.toContain('quotes');
  });

  it.each([new Error('bug'), new HttpException('internal', 500), 'text', null, undefined, { type: 'constructor' }])(
    'a bug stays a bug: %s',
    (error) => {
      expect(toProblem(error)).toBeUndefined();
    },
  );
});
