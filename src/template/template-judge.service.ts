import { Injectable } from '@nestjs/common';
import type { TemplateClass, TemplateContent, TemplatesFacet } from '../contract/index.js';
import { type FieldError, Problem } from '../platform/problem/problem.js';
import { TemplateRepository } from './template.repository.js';
import { TemplateSyncRepository } from './template-sync.repository.js';
import { TemplateSyncService } from './template-sync.service.js';

/** What is known of a template that may be sent, now or when its pause is over. */
export interface TemplateVerdict {
  /** absent: we do not know it */
  readonly id?: string;
  readonly class: TemplateClass;
}

/** A template whose category nobody knows counts as the lowest class. */
const UNKNOWN: TemplateVerdict = { class: 'marketing' };

/**
 * Judges a content against the template it names. What speaks against it is looked up again at the network before it is
 * refused. Nothing is refused because nothing is known: only a list that was read just now, and is not empty, says that a
 * template is not there.
 */
@Injectable()
export class TemplateJudge {
  constructor(
    private readonly templates: TemplateRepository,
    private readonly syncs: TemplateSyncRepository,
    private readonly sync: TemplateSyncService,
  ) {}

  /**
   * May ask the network, so it is not for transactions.
   *
   * @param path where the content stands in the request
   * @throws Problem 422 `template.unknown`, `template.unavailable`, `template.parameters`
   */
  async judge(
    facet: TemplatesFacet | undefined,
    groupId: string,
    content: TemplateContent,
    path: string,
  ): Promise<TemplateVerdict> {
    if (!facet) return UNKNOWN;
    const first = await this.look(facet, groupId, content, path);
    if ('class' in first) return first;
    const isFresh = await this.sync.refresh(groupId);
    const second = await this.look(facet, groupId, content, path);
    if ('class' in second) return second;
    if (second.isMissing && !(isFresh && (await this.listsAny(groupId)))) return UNKNOWN;
    throw second.problem;
  }

  private async look(
    facet: TemplatesFacet,
    groupId: string,
    content: TemplateContent,
    path: string,
  ): Promise<TemplateVerdict | { readonly problem: Problem; readonly isMissing: boolean }> {
    const template = await this.templates.find(groupId, content.name, content.language);
    if (!template) return { problem: await this.unknown(groupId, content, path), isMissing: true };
    if (template.standing === 'unusable') return { problem: unavailable(template, path), isMissing: false };
    const problems = facet.check(content, template).map((problem) => ({
      ...problem,
      path: problem.path.replace(/^content/, path),
    }));
    if (problems.length > 0) return { problem: unfit(problems, content), isMissing: false };
    return { id: template.id, class: facet.classOf(template.category) };
  }

  private async listsAny(groupId: string): Promise<boolean> {
    return ((await this.syncs.state(groupId))?.listed ?? 0) > 0;
  }

  private async unknown(groupId: string, { name, language }: TemplateContent, path: string): Promise<Problem> {
    const languages = await this.templates.languagesOf(groupId, name);
    const others = languages.length > 0 ? `It exists in ${languages.join(', ')}.` : 'It exists in no other language.';
    const message = `There is no template ${name} in ${language}. ${others}`;
    return new Problem(422, 'template.unknown', message, [{ path, code: 'template.unknown', message }]);
  }
}

function unavailable(
  { name, language, status, reason }: { name: string; language: string; status: string; reason: string | null },
  path: string,
): Problem {
  const why = reason === null ? '' : ` (${reason})`;
  const message = `The template ${name} (${language}) is ${status}${why}: the network does not send it.`;
  return new Problem(422, 'template.unavailable', message, [{ path, code: 'template.unavailable', message }]);
}

function unfit(problems: readonly FieldError[], { name, language }: TemplateContent): Problem {
  const [first] = problems;
  const detail = `Template ${name} (${language}): ${problems.map(({ message }) => message).join('; ')}`;
  return new Problem(422, first?.code ?? 'template.parameters', detail, problems);
}
