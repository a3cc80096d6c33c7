import { Injectable } from '@nestjs/common';
import { MessageRepository } from '../../dialog/message.repository.js';
import { JudgeMedia } from '../../media/outbound/judge-media.service.js';
import { Database } from '../../platform/database/database.js';
import { fitContent } from './fit-content.js';
import { JudgePhone } from './judge-phone.service.js';
import { JudgeTemplates } from './judge-templates.service.js';
import { findQuoted } from './quote.js';
import { type Refusable, isRefused, onward, orProblem } from './refusable.js';
import type { Entry, Prepared } from './submission.js';

/** What is judged before anything is written: content, files, templates, what is quoted. May ask the network about a template. */
@Injectable()
export class PrepareService {
  constructor(
    private readonly database: Database,
    private readonly messages: MessageRepository,
    private readonly templates: JudgeTemplates,
    private readonly phones: JudgePhone,
    private readonly media: JudgeMedia,
  ) {}

  /** In the order of the entries; any number of them costs the same few statements. */
  async prepareAll<E extends Entry>(entries: readonly Refusable<E>[]): Promise<readonly Refusable<E & Prepared>[]> {
    const checked = entries.map((entry) =>
      isRefused(entry)
        ? entry
        : orProblem(() => {
            const submission = fitContent(entry.submission);
            return submission === entry.submission ? entry : { ...entry, submission };
          }),
    );
    const filed = await onward(checked, (remaining) => this.judgeMedia(remaining));
    const judged = await onward(filed, async (remaining) => {
      const submissions = await this.templates.judgeAll(remaining.map(({ submission }) => submission));
      return remaining.map((entry, index) => {
        const submission = submissions[index] ?? entry.submission;
        return isRefused(submission) ? submission : { ...entry, submission };
      });
    });
    const reachable = await onward(judged, (remaining) => this.phones.judgeAll(remaining));
    return onward(reachable, async (remaining) => {
      const quotes = await findQuoted(
        this.messages,
        this.database,
        remaining.map(({ submission }) => submission),
      );
      return remaining.map((entry, index) => {
        const quote = quotes[index] ?? null;
        return quote !== null && isRefused(quote) ? quote : { quote: quote ?? undefined, ...entry };
      });
    });
  }

  /** Files exist, fit, and are named by our ids. */
  private async judgeMedia<E extends Entry>(entries: readonly E[]): Promise<readonly Refusable<E>[]> {
    const judged = await this.media.judgeAll(
      entries.flatMap(({ submission: { gateway, sender, content, fallback } }) => {
        const rules = { gatewayId: gateway.id, capabilities: sender.channel.capabilities };
        const own = { path: 'content', content, ...rules };
        return fallback ? [own, { path: 'fallback', content: fallback, ...rules }] : [own];
      }),
    );
    const next = judged.values();
    return entries.map((entry) => {
      const content = next.next().value ?? entry.submission.content;
      const fallback = entry.submission.fallback && (next.next().value ?? entry.submission.fallback);
      if (isRefused(content)) return content;
      if (fallback && isRefused(fallback)) return fallback;
      return { ...entry, submission: { ...entry.submission, content, ...(fallback && { fallback }) } };
    });
  }
}
