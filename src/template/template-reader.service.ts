import { Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit } from '../access/principal.js';
import { mapFew } from '../gateway/call-provider.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { isId } from '../platform/ids/ids.js';
import { isStorableText } from '../platform/http/is-plain-text.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { Problem } from '../platform/problem/problem.js';
import type { TemplateQuery } from './template.dto.js';
import { TemplateGroups, type WantedGroup } from './template-groups.service.js';
import { type ListedTemplate, TemplateRepository } from './template.repository.js';
import { TemplateSyncRepository } from './template-sync.repository.js';
import { TemplateSyncService } from './template-sync.service.js';
import { type TemplateSyncView, type TemplateView, templateView } from './template.view.js';

/** Templates as people see them. */
@Injectable()
export class TemplateReader {
  constructor(
    private readonly templates: TemplateRepository,
    private readonly directory: GatewayDirectory,
    private readonly groups: TemplateGroups,
    private readonly syncs: TemplateSyncRepository,
    private readonly sync: TemplateSyncService,
  ) {}

  async page(principal: Principal, query: TemplateQuery): Promise<Page<TemplateView>> {
    const { name, status, limit } = query;
    const before = idOfCursor(query.cursor);
    const gateways = this.groups.gatewayIds(principal, query.gateway);
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
      (row) => this.view(row),
    );
  }

  async get(principal: Principal, id: string): Promise<TemplateView> {
    const template = isId(id) ? await this.templates.byId(id, gatewayLimit(principal)) : undefined;
    if (template) return this.view(template);
    throw new Problem(404, 'template.not_found', 'There is no such template.');
  }

  /** Reads the lists of the networks anew, and tells what became of each. */
  async readAnew(principal: Principal, wanted: WantedGroup): Promise<readonly TemplateSyncView[]> {
    const found = await this.groups.all(principal, wanted);
    if (found.length === 0 && wanted.group !== undefined) {
      throw new Problem(422, 'group.unknown', 'There is no such group.', [
        { path: 'group', code: 'group.unknown', message: 'is no group that has templates' },
      ]);
    }
    return mapFew(found, async ({ id, gateway, channel, address }) => {
      const result = await this.sync.readNow(id);
      const state = await this.syncs.state(id);
      return {
        gateway: { id: gateway.id, uri: gateway.uri },
        channel,
        group: { id: address },
        result,
        ...(state?.syncedAt && { syncedAt: state.syncedAt.toISOString(), listed: state.listed }),
        ...(result === 'failed' && state?.error && { error: state.error }),
      };
    });
  }

  private view(row: ListedTemplate): TemplateView {
    const gateway = this.directory.byId(row.gatewayId);
    const facet = gateway?.channel(row.channel)?.templates;
    return templateView(row, gateway?.uri ?? row.gatewayId, facet?.classOf(row.category));
  }
}
