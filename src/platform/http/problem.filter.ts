import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Log } from '../logging/log.js';
import { LOG } from '../platform.tokens.js';
import { Problem } from '../problem/problem.js';
import { toProblem } from './to-problem.js';

/** Everything thrown becomes RFC 9457 problem+json. A bug is answered without details, and logged with the request's id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const problem = toProblem(error) ?? this.bug(error, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response
      .status(problem.status)
      .set({ ...problem.headers, 'Cache-Control': 'no-store' })
      .type('application/problem+json')
      .send(JSON.stringify(problem));
  }

  private bug(error: unknown, request: Request): Problem {
    const requestId = (request as { id?: unknown }).id;
    this.log.error({ err: error, requestId, method: request.method, path: request.path }, 'a request failed');
    return new Problem(500, 'internal', 'Something went wrong on our side; the log has the details.');
  }
}
