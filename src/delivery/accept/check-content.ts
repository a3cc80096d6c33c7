import { isTemplate } from '../../contract/index.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Submission } from './submission.js';

/** @throws Problem 422 with one entry for every rule of the network that the content breaks */
export function checkContent({
  gateway,
  sender,
  content,
  fallback,
}: Pick<Submission, 'gateway' | 'sender' | 'content' | 'fallback'>): void {
  const context = gateway.context();
  const problems = [
    ...sender.channel.outbound.check(content, context),
    ...(fallback ? sender.channel.outbound.check(fallback, context) : []).map((problem) => ({
      ...problem,
      path: problem.path.replace(/^content/, 'fallback'),
    })),
  ];
  if (fallback && !isTemplate(fallback) && fallback.type !== 'native') {
    problems.push({
      path: 'fallback',
      code: 'fallback.not_template',
      message: 'fallback must be a template: it goes when free-form content may not',
    });
  }
  const [first] = problems;
  if (!first) return;
  throw new Problem(422, first.code, problems.map(({ message }) => message).join('; '), problems);
}
