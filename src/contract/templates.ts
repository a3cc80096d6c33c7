import type { GatewayCall } from './calls.js';
import type { ContentProblem } from './channel.js';
import type { TemplateContent } from './content.js';
import type { JsonObject } from './json.js';
import type { CallOutcome } from './outcomes.js';

/** What must be filled in when a template is sent, as far as its definition says it. */
export interface TemplateParameters {
  readonly format: 'positional' | 'named';
  /** absent: there is no header, or it says nothing about parameters */
  readonly header?: { readonly kind: string; readonly names: readonly string[] };
  /** names in order, `1`, `2`, … where they are positional; null: the definition does not show its text */
  readonly body: readonly string[] | null;
  /** every button in its place */
  readonly buttons: readonly { readonly kind: string; readonly variable: boolean }[];
}

/** A template as the network describes it. */
export interface TemplateDescription {
  /** the network's id */
  readonly id?: string;
  readonly name: string;
  readonly language: string;
  /** the network's own words, all open: it adds new ones without asking */
  readonly category: string;
  readonly status: string;
  readonly quality?: string;
  /** why it was rejected, paused, … */
  readonly reason?: string;
  readonly parameters: TemplateParameters;
  /** the network's own array, as it is */
  readonly components: readonly JsonObject[];
}

export type TemplateDefinition = Pick<TemplateDescription, 'category' | 'parameters' | 'components'>;

/** Which class of messages a template's category makes. */
export type TemplateClass = 'authentication' | 'utility' | 'marketing';

/**
 * Whether messages with it may leave: `paused` comes back by itself, `unusable` does not. What nobody knows counts as usable,
 * since the network judges in the end.
 */
export type TemplateStanding = 'usable' | 'paused' | 'unusable';

/** A template that somebody asks the network to review. */
export interface TemplateDraft {
  readonly name: string;
  readonly language: string;
  readonly category: string;
  /** how its variables are called: by number (the network's default) or by name */
  readonly parameterFormat?: TemplateParameters['format'];
  /** the network may put it into another category instead of rejecting it */
  readonly allowCategoryChange?: boolean;
  /** how long the network tries to deliver a message of it, in seconds; -1: as long as it ever does */
  readonly ttlSeconds?: number;
  /** the network's own array */
  readonly components: readonly JsonObject[];
}

/** What is to become different about a template; what is left out stays. */
export type TemplateRevision = Partial<Pick<TemplateDraft, 'category' | 'components' | 'ttlSeconds'>>;

/** What has to be known of a template to change it. */
export interface RevisedTemplate extends TemplateDescription {
  readonly id: string;
}

/** Templates made, changed and deleted from here. The checks are pure; paths are those of the draft, e.g. `components[1].text`. */
export interface TemplateAuthoring {
  /** what the network would certainly refuse, with the reason it would give; empty = it may be asked */
  check(draft: TemplateDraft): readonly ContentProblem[];
  checkRevision(template: RevisedTemplate, revision: TemplateRevision): readonly ContentProblem[];
  /** gives back the template as it now stands there */
  create(draft: TemplateDraft, group: string, call: GatewayCall): Promise<CallOutcome<TemplateDescription>>;
  revise(
    template: RevisedTemplate,
    revision: TemplateRevision,
    call: GatewayCall,
  ): Promise<CallOutcome<TemplateDescription>>;
  /** one language of a name, or, without an id, all of them */
  remove(
    target: { readonly name: string; readonly id?: string },
    group: string,
    call: GatewayCall,
  ): Promise<CallOutcome>;
}

/** Templates that the network reviews before they may be sent. They belong to a group. Only `list` and `authoring` talk to it. */
export interface TemplatesFacet {
  /** every template of the group, every page followed; a part of the list is no list */
  list(group: string, call: GatewayCall): Promise<CallOutcome<readonly TemplateDescription[]>>;
  /** what the network would certainly refuse; called with content that `outbound.check` has let through */
  check(content: TemplateContent, definition: TemplateDefinition): readonly ContentProblem[];
  classOf(category: string): TemplateClass;
  standingOf(status: string): TemplateStanding;
  /** only where the network lets templates be made by its API */
  readonly authoring?: TemplateAuthoring;
}
