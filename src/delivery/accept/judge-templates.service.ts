import { Injectable } from '@nestjs/common';
import { type Content, isTemplate } from '../../contract/index.js';
import { TemplateJudge, type TemplateVerdict } from '../../template/template-judge.service.js';
import type { Submission } from './submission.js';

/** Looks up the templates that a message names, for its class and for what would refuse or hold it. */
@Injectable()
export class JudgeTemplates {
  constructor(private readonly templates: TemplateJudge) {}

  /**
   * May ask the network, so it comes before the transaction.
   *
   * @throws Problem 422 `template.unknown`, `template.unavailable`, `template.parameters`
   */
  async judge(submission: Submission): Promise<Submission> {
    const { sender, content, fallback } = submission;
    const look = async (named: Content | undefined, path: string): Promise<TemplateVerdict | undefined> =>
      named && isTemplate(named)
        ? this.templates.judge(sender.channel.templates, sender.account.groupId, named, path)
        : undefined;
    const own = await look(content, 'content');
    const other = await look(fallback, 'fallback');
    return { ...submission, templates: { ...(own && { content: own }), ...(other && { fallback: other }) } };
  }
}
