import {
  type Capabilities,
  type Content,
  type ContentProblem,
  type TextContent,
  degrade,
  isTemplate,
  splitText,
  textLength,
} from '../../contract/index.js';
import { Problem } from '../../platform/problem/problem.js';
import type { Submission } from './submission.js';

/** Messages that one text may become; more is a book, and would hold up everybody else for minutes. */
const MAX_PARTS = 20;

type Part = Pick<Submission, 'content'> & { readonly notes: readonly string[] };

/**
 * A submission as its channel can show it: a text that may be split in parts, and notes on what will be changed. The contents stay
 * as the caller wrote them; they are degraded again when they are rendered.
 *
 * @throws Problem 422 with one entry for every rule of the network that the content breaks
 */
export function fitContent(submission: Submission): Submission {
  const { gateway, sender, content, fallback } = submission;
  const { capabilities, outbound } = sender.channel;
  const context = gateway.context();
  const check = (given: Content): readonly ContentProblem[] => outbound.check(given, context);
  const parts = splitWhenAsked(content, capabilities) ?? [content];
  const judged = parts.map((part) => judge(part, capabilities, check));
  const problems = [
    ...judged.flatMap((one) => one.problems),
    ...(parts.length > MAX_PARTS ? [tooManyParts(parts.length, capabilities)] : []),
    ...(fallback ? check(fallback) : []).map((problem) => ({
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
  const notes = judged[0]?.notes ?? [];
  const [first] = problems;
  if (first) {
    const detail = problems.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new Problem(422, first.code, notes.length > 0 ? `${detail}. ${notes.join(' ')}` : detail, problems);
  }
  if (parts.length > 1) return { ...submission, ...asParts(parts, capabilities) };
  return notes.length > 0 ? { notes, ...submission } : submission;
}

/** What makes no sense in any form is told in the caller's own terms; all else, of what would be shown. */
function judge(
  content: Content,
  capabilities: Capabilities,
  check: (content: Content) => readonly ContentProblem[],
): { readonly problems: readonly ContentProblem[]; readonly notes: readonly string[] } {
  const { content: shown, notes } = degrade(content, capabilities);
  if (shown !== content) {
    const broken = check(content).filter(({ code }) => code === 'content.invalid');
    if (broken.length > 0) return { problems: broken, notes: [] };
  }
  return { problems: check(shown), notes };
}

function splitWhenAsked(content: Content, { text }: Capabilities): readonly TextContent[] | undefined {
  if (content.type !== 'text' || !content.split) return undefined;
  if (textLength(content.text, text.unit) <= text.maxLength) return undefined;
  const { split: _, ...rest } = content;
  const parts = splitText(content.text, text.maxLength, text.unit);
  return parts.length > 1 ? parts.map((part) => ({ ...rest, text: part })) : undefined;
}

function asParts(contents: readonly Content[], { text }: Capabilities): Part & { readonly more: readonly Part[] } {
  const [first, ...more] = contents.map((content, index) => ({
    content,
    notes: [`Part ${index + 1} of ${contents.length} of a text that is longer than ${text.maxLength}.`],
  }));
  return { more, ...(first as Part) };
}

function tooManyParts(count: number, { text }: Capabilities): ContentProblem {
  return {
    path: 'content.text',
    code: 'content.too_long',
    message: `would be ${count} messages of ${text.maxLength} characters; ${MAX_PARTS} are allowed`,
  };
}
