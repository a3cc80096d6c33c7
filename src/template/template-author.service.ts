import { Inject, Injectable } from '@nestjs/common';
import { type Principal, gatewayLimit } from '../access/principal.js';
import type {
  CallOutcome,
  ContentProblem,
  RevisedTemplate,
  TemplateAuthoring,
  TemplateDraft,
  TemplateRevision,
} from '../contract/index.js';
import { callProvider } from '../gateway/call-provider.js';
import { GatewayDirectory } from '../gateway/gateway-directory.js';
import { providerProblem } from '../gateway/provider-problem.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { isId } from '../platform/ids/ids.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { GONE } from './merge-templates.js';
import { type FoundGroup, TemplateGroups, type WantedGroup } from './template-groups.service.js';
import { type ListedTemplate, TemplateRepository } from './template.repository.js';
import { TemplateSyncRepository } from './template-sync.repository.js';
import { TemplateWriter } from './template-writer.service.js';

type Place = WantedGroup & { readonly gateway: string };

/** Makes, changes and deletes templates at their network. What the network would surely refuse is refused without asking it. */
@Injectable()
export class TemplateAuthor {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly groups: TemplateGroups,
    private readonly templates: TemplateRepository,
    private readonly syncs: TemplateSyncRepository,
    private readonly writer: TemplateWriter,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Returns the id of the new template, which waits for its review. */
  async create(principal: Principal, place: Place, draft: TemplateDraft): Promise<string> {
    const group = await this.groups.one(principal, place);
    const authoring = authoringOf(group);
    refuse(authoring.check(draft));
    const askedAt = this.clock.now();
    const created = await this.ask(group, () =>
      authoring.create(draft, group.address, group.gateway.interactiveCall()),
    );
    return this.writer.put(group, created, askedAt);
  }

  async revise(principal: Principal, id: string, revision: TemplateRevision): Promise<void> {
    const template = await this.require(principal, id);
    if (Object.values(revision).every((value) => value === undefined)) return;
    const group = this.groupOf(template);
    const authoring = authoringOf(group);
    const known = revisable(template);
    refuse(authoring.checkRevision(known, revision));
    const askedAt = this.clock.now();
    const call = group.gateway.interactiveCall();
    const revised = await this.ask(group, () => authoring.revise(known, revision, call));
    await this.writer.put(group, revised, askedAt);
  }

  /** One language of a name. What is deleted already stays so. */
  async remove(principal: Principal, id: string): Promise<void> {
    const template = await this.require(principal, id);
    if (template.status === GONE) return;
    const group = this.groupOf(template);
    const { name, providerId } = template;
    if (providerId === null) throw notListed(template);
    await this.removeThere(group, { name, id: providerId });
    await this.writer.drop(group.id, (one) => one.id === id);
  }

  /** All languages of a name. */
  async removeName(principal: Principal, place: Place, name: string): Promise<void> {
    const group = await this.groups.one(principal, place);
    await this.removeThere(group, { name });
    await this.writer.drop(group.id, (one) => one.name === name);
  }

  private async removeThere(group: FoundGroup, target: { name: string; id?: string }): Promise<void> {
    const authoring = authoringOf(group);
    await this.ask(group, () => authoring.remove(target, group.address, group.gateway.interactiveCall()));
  }

  /** Whatever went wrong, what we know of this group may be wrong too: its list is read again. */
  private async ask<T>(group: FoundGroup, call: () => Promise<CallOutcome<T>>): Promise<T> {
    const outcome = await callProvider(this.log, call);
    if (outcome.status === 'ok') return outcome.value;
    await this.syncs.want(this.database, [group.id], this.clock.now());
    const table = group.gateway.channel(group.channel)?.outcomes ?? new Map();
    throw providerProblem(outcome, table, 'template.refused');
  }

  private async require(principal: Principal, id: string): Promise<ListedTemplate> {
    const template = isId(id) ? await this.templates.byId(id, gatewayLimit(principal)) : undefined;
    if (template) return template;
    throw new Problem(404, 'template.not_found', 'There is no such template.');
  }

  private groupOf({ gatewayId, channel, group, groupId }: ListedTemplate): FoundGroup {
    const gateway = this.directory.byId(gatewayId);
    const facet = gateway?.channel(channel)?.templates;
    if (gateway && facet) return { gateway, id: groupId, channel, address: group, facet };
    throw new Problem(404, 'template.not_found', 'The gateway of this template is not loaded.');
  }
}

function authoringOf({ facet, channel }: FoundGroup): TemplateAuthoring {
  if (facet.authoring) return facet.authoring;
  const detail = `Templates of the channel ${channel} can only be made at the network itself.`;
  throw new Problem(422, 'template.read_only', detail);
}

function refuse(problems: readonly ContentProblem[]): void {
  const [first] = problems;
  if (!first) return;
  const detail = problems.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new Problem(422, first.code, `The network would refuse this template: ${detail}.`, problems);
}

function revisable(template: ListedTemplate): RevisedTemplate {
  const { providerId, quality, reason, ...rest } = template;
  if (template.status === GONE || providerId === null) throw notListed(template);
  return { ...rest, id: providerId, ...(quality !== null && { quality }), ...(reason !== null && { reason }) };
}

function notListed({ name, language, status }: ListedTemplate): Problem {
  const detail = `The template ${name} (${language}) is ${status}: the network does not list it.`;
  return new Problem(422, 'template.unavailable', detail);
}
