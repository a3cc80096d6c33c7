import { Body, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation } from '@nestjs/swagger';
import { ApiRoute } from '../access/api-route.decorator.js';
import { RequirePermission } from '../access/permission.guard.js';
import type { Principal } from '../access/principal.js';
import { CurrentPrincipal } from '../access/request-principal.js';
import { PageQuery } from '../platform/http/page.dto.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { Clock } from '../platform/clock/clock.js';
import { isStorableText } from '../platform/http/is-plain-text.js';
import { Problem } from '../platform/problem/problem.js';
import { RATE_CARD_COLUMNS, parseRateCard } from './parse-rate-card.js';
import { RateRepository, type StoredRate } from './rate.repository.js';

/** Prices are of the whole installation, so they are no business of keys that are limited to some gateways. */
@ApiRoute('rate-cards')
export class RateCardsController {
  constructor(
    private readonly rates: RateRepository,
    private readonly clock: Clock,
  ) {}

  @Get()
  @RequirePermission('gateways:read')
  @ApiOperation({ summary: 'The prices that were loaded, newest first' })
  async list(@Query() query: PageQuery): Promise<Page<StoredRate>> {
    const rows = await this.rates.page(query.limit + 1, idOfCursor(query.cursor));
    return pageOf(
      rows,
      query.limit,
      ({ id }) => id,
      (row) => row,
    );
  }

  @Post()
  @HttpCode(200)
  @RequirePermission('gateways:write')
  @ApiOperation({ summary: `Load prices: CSV with the columns ${RATE_CARD_COLUMNS.join(', ')}` })
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string' } })
  async load(@CurrentPrincipal() principal: Principal, @Body() body: unknown): Promise<{ readonly loaded: number }> {
    if (principal.gateways !== null) {
      throw new Problem(403, 'permission.missing', 'Prices are for every gateway, and this key is limited to some.');
    }
    if (typeof body !== 'string') throw new Problem(415, 'body.unsupported', 'Send the rate card as text/csv.');
    if (!isStorableText(body))
      throw new Problem(400, 'text.invalid', 'The rate card has U+0000 or half of a surrogate pair.');
    const { rates, errors } = parseRateCard(body);
    if (errors.length > 0) {
      throw new Problem(422, errors[0]?.code ?? 'rate_card.invalid', 'Nothing of this rate card was taken.', errors);
    }
    await this.rates.put(rates, this.clock.now());
    return { loaded: rates.length };
  }
}
