import { Injectable } from '@nestjs/common';
import { isTemplate } from '../../contract/index.js';
import type { MessagePart } from '../../dialog/message-status.js';
import { TemplateJudge, type TemplateQuestion, type TemplateVerdict } from '../../template/template-judge.service.js';
import { type Refusable, isRefused } from './refusable.js';
import type { Submission } from './submission.js';

const PARTS: readonly MessagePart[] = ['content', 'fallback'];

/** Looks up the templates that messages name, for their class and for what would refuse or hold them. */
@Injectable()
export class JudgeTemplates {
  constructor(private readonly templates: TemplateJudge) {}

  /** May ask the network, so it comes before the transaction. A Problem is 422 `template.*`. */
  async judgeAll(submissions: readonly Submission[]): Promise<readonly Refusable<Submission>[]> {
    const asked = submissions.flatMap((submission, index) =>
      PARTS.flatMap((part) => {
        const content = submission[part];
        if (!content || !isTemplate(content)) return [];
        const { channel, account } = submission.sender;
        const question: TemplateQuestion = {
          facet: channel.templates,
          groupId: account.groupId,
          content,
          path: part,
        };
        return [{ index, part, question }];
      }),
    );
    if (asked.length === 0) return submissions;
    const answers = await this.templates.judgeAll(asked.map(({ question }) => question));
    const found = new Map<number, Refusable<Partial<Record<MessagePart, TemplateVerdict>>>>();
    asked.forEach(({ index, part }, place) => {
      const answer = answers[place];
      const before = found.get(index) ?? {};
      if (!answer || isRefused(before)) return;
      found.set(index, isRefused(answer) ? answer : { [part]: answer, ...before });
    });
    return submissions.map((submission, index) => {
      const templates = found.get(index);
      if (templates === undefined) return submission;
      return isRefused(templates) ? templates : { templates, ...submission };
    });
  }
}
