import { Injectable } from '@nestjs/common';
import type { TemplateClass, TemplateContent, TemplatesFacet } from '../contract/index.js';
import { type FieldError, Problem } from '../platform/problem/problem.js';
import { type Template, TemplateRepository, templateKey } from './template.repository.js';
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

/** A content that names a template, and where the answer is known. */
export interface TemplateQuestion {
  readonly facet: TemplatesFacet | undefined;
  readonly groupId: string;
  readonly content: TemplateContent;
  /** where the content stands in the request */
  readonly path: string;
}

type Look = TemplateVerdict | { readonly problem: Problem; readonly isMissing: boolean };

/**
 * Judges contents against the templates they name. What speaks against one is looked up again at the network before it is
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
   * May ask the network, so it is not for transactions. Answers in the order of the questions; a Problem is 422
   * `template.unknown`, `template.unavailable` or `template.parameters`.
   */
  async judgeAll(questions: readonly TemplateQuestion[]): Promise<readonly (TemplateVerdict | Problem)[]> {
    const looks = await this.look(questions);
    const doubtful = questions.filter((_, index) => !isVerdict(looks[index]));
    if (doubtful.length === 0) return looks.map(asAnswer);
    const certain = new Map<string, boolean>();
    for (const groupId of new Set(doubtful.map((question) => question.groupId)))
      certain.set(groupId, (await this.sync.refresh(groupId)) && (await this.listsAny(groupId)));
    const again = (await this.look(doubtful)).values();
    return looks.map((look, index) => {
      if (isVerdict(look)) return look;
      const second = again.next().value ?? look;
      if (isVerdict(second)) return second;
      return second.isMissing && !certain.get(questions[index]?.groupId ?? '') ? UNKNOWN : second.problem;
    });
  }

  private async look(questions: readonly TemplateQuestion[]): Promise<readonly Look[]> {
    const known = await this.templates.findAll(
      questions.map(({ groupId, content: { name, language } }) => ({ groupId, name, language })),
    );
    const absent = new Map<string, Problem>();
    const looks: Look[] = [];
    for (const { facet, groupId, content, path } of questions) {
      const key = templateKey({ groupId, ...content });
      const template = known.get(key);
      if (!facet) looks.push(UNKNOWN);
      else if (template) looks.push(judgeOne(facet, template, content, path));
      else {
        const problem = absent.get(key + path) ?? (await this.unknown(groupId, content, path));
        absent.set(key + path, problem);
        looks.push({ problem, isMissing: true });
      }
    }
    return looks;
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

function isVerdict(look: Look | undefined): look is TemplateVerdict {
  return look !== undefined && 'class' in look;
}

function asAnswer(look: Look): TemplateVerdict | Problem {
  return isVerdict(look) ? look : look.problem;
}

function judgeOne(facet: TemplatesFacet, template: Template, content: TemplateContent, path: string): Look {
  if (template.standing === 'unusable') return { problem: unavailable(template, path), isMissing: false };
  const problems = facet.check(content, template).map((problem) => ({
    ...problem,
    path: problem.path.replace(/^content/, path),
  }));
  if (problems.length > 0) return { problem: unfit(problems, content), isMissing: false };
  return { id: template.id, class: facet.classOf(template.category) };
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
