import type { Template } from './template.repository.js';

/** Where a group of templates is. */
export interface TemplateGroup {
  readonly gatewayId: string;
  readonly channel: string;
  /** the group's address */
  readonly group: string;
}

const PARTS = ['status', 'category', 'quality'] as const;

export interface ToldChange {
  readonly change: 'created' | 'changed';
  /** which of status, category, quality, definition */
  readonly changed?: readonly string[];
  /** what they were; a definition is not repeated */
  readonly previous?: Readonly<Record<string, string | null>>;
}

/** What bots and webhooks are told of a template that was written; undefined when it is nothing to them. */
export function whatChanged(before: Template | undefined, after: Template): ToldChange | undefined {
  if (!before) return { change: 'created' };
  const parts = PARTS.filter((part) => before[part] !== after[part]);
  const changed = [...parts, ...(definitionOf(before) === definitionOf(after) ? [] : ['definition'])];
  if (changed.length === 0) return undefined;
  return { change: 'changed', changed, previous: Object.fromEntries(parts.map((part) => [part, before[part]])) };
}

function definitionOf({ parameters, components }: Template): string {
  return JSON.stringify([parameters, components]);
}
