import { Headers, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { IncomingMessage } from 'node:http';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { JSON_TYPE, MAX_BATCH_BYTES, MAX_BATCH_ITEMS, NDJSON_TYPE, readBatch } from './accept/batch-body.js';
import { BatchAnswerView, BatchBody } from './accept/message.dto.js';
import { SendBatchService } from './accept/send-batch.service.js';

@ApiRoute('messages')
export class BatchController {
  constructor(private readonly batches: SendBatchService) {}

  /** Reads the body itself, after the caller's key and permission were looked at: nobody else makes us hold 16 MiB. */
  @Post('batch')
  @HttpCode(202)
  @RequirePermission('messages:send')
  @ApiOperation({
    summary: 'Send many messages',
    description:
      `Up to ${MAX_BATCH_ITEMS} messages and ${MAX_BATCH_BYTES / 1024 / 1024} MiB. Each item is taken or refused on its own; the answer has ` +
      'one entry for each, in order. An item with an idempotencyKey is taken once; with the header Idempotency-Key the whole batch is.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string', maxLength: 128 } })
  @ApiConsumes(JSON_TYPE, NDJSON_TYPE)
  @ApiBody({ type: BatchBody, description: `as ${NDJSON_TYPE}: one message in each line` })
  @ApiResponse({ status: 202, type: BatchAnswerView })
  async send(
    @CurrentPrincipal() principal: Principal,
    @Req() request: IncomingMessage,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
  ): Promise<object> {
    return this.batches.send(principal, await readBatch(request), idempotencyKey);
  }
}
