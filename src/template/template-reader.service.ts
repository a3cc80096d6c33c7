import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit, mayAccessGateway } from '../access/principal.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { isStorableText } from '../platform/http/is-plain-text.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { Problem } from '../platform/problem/problem.js';
import type { TemplateQuery } from './template.dto.js';
import { TemplateRepository } from './template.repository.js';
import { type TemplateView, templateView } from './template.view.js';

/** Templates as people see them. */
@Injectable()
export class TemplateReader {
  constructor(
    private readonly templates: TemplateRepository,
    private readonly directory: GatewayDirectory,
  ) {}

  async page(principal: Principal, query: TemplateQuery): Promise<Page<TemplateView>> {
    const { name, status, limit } = query;
    const before = idOfCursor(query.cursor);
    const gateways = this.gatewaysOf(principal, query.gateway);
    if (![name, status].every((text) => text === undefined || isStorableText(text))) return { items: [], next: null };
    const rows = await this.templates.page({
      gateways,
      limit: limit + 1,
      ...(name !== undefined && { name }),
      ...(status !== undefined && { status: status.toUpperCase() }),
      ...(before !== undefined && { before }),
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => id,
      (row) => {
        const gateway = this.directory.byId(row.gatewayId);
        const facet = gateway?.channel(row.channel)?.templates;
        return templateView(row, gateway?.uri ?? row.gatewayId, facet?.classOf(row.category));
      },
    );
  }

  /** null: all */
  private gatewaysOf(principal: Principal, wanted: string | undefined): readonly string[] | null {
    if (wanted === undefined) return gatewayLimit(principal);
    const gateway = this.directory.byIdOrUri(wanted);
    if (gateway && mayAccessGateway(principal, gateway.id)) return [gateway.id];
    throw new Problem(422, 'gateway.unknown', 'There is no gateway with this id or uri.', [
      { path: 'gateway', code: 'gateway.unknown', message: 'is not the id or uri of a gateway' },
    ]);
  }
}
