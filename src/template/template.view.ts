import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { JsonObject, TemplateClass, TemplateParameters } from '../contract/index.js';
import type { ListedTemplate } from './template.repository.js';

/** A template as the API shows it. */
export class TemplateView {
  @ApiProperty()
  id!: string;
  @ApiPropertyOptional({ description: 'the network’s own id' })
  providerId?: string;
  @ApiProperty({ type: Object })
  gateway!: { readonly id: string; readonly uri: string };
  @ApiProperty()
  channel!: string;
  @ApiProperty({ type: Object, description: 'what it belongs to, e.g. a WhatsApp Business Account' })
  group!: { readonly id: string };
  @ApiProperty()
  name!: string;
  @ApiProperty({ example: 'en_US' })
  language!: string;
  @ApiProperty({ description: 'the network’s own word' })
  category!: string;
  @ApiPropertyOptional({ enum: ['authentication', 'utility', 'marketing'], description: 'of its messages' })
  class?: TemplateClass;
  @ApiProperty({ description: 'the network’s own word' })
  status!: string;
  @ApiPropertyOptional({ description: 'why it has that status' })
  reason?: string;
  @ApiPropertyOptional({ description: 'when a pause is expected to end' })
  pausedUntil?: string;
  @ApiPropertyOptional()
  quality?: string;
  @ApiProperty({ type: Object, description: 'what has to be filled in' })
  parameters!: TemplateParameters;
  @ApiProperty({ type: [Object], description: 'the network’s own definition' })
  components!: readonly JsonObject[];
  @ApiPropertyOptional({ description: 'when the network was last asked' })
  syncedAt?: string;
  @ApiProperty()
  createdAt!: string;
  @ApiProperty()
  updatedAt!: string;
}

export function templateView(
  template: ListedTemplate,
  uri: string,
  messageClass: TemplateClass | undefined,
): TemplateView {
  return {
    id: template.id,
    ...(template.providerId !== null && { providerId: template.providerId }),
    gateway: { id: template.gatewayId, uri },
    channel: template.channel,
    group: { id: template.group },
    name: template.name,
    language: template.language,
    category: template.category,
    ...(messageClass !== undefined && { class: messageClass }),
    status: template.status,
    ...(template.reason !== null && { reason: template.reason }),
    ...(template.pausedUntil && { pausedUntil: template.pausedUntil.toISOString() }),
    ...(template.quality !== null && { quality: template.quality }),
    parameters: template.parameters,
    components: template.components,
    ...(template.syncedAt && { syncedAt: template.syncedAt.toISOString() }),
    createdAt: template.createdAt.toISOString(),
    updatedAt: template.updatedAt.toISOString(),
  };
}

/** What became of reading one group's list. */
export class TemplateSyncView {
  @ApiProperty({ type: Object })
  gateway!: { readonly id: string; readonly uri: string };
  @ApiProperty()
  channel!: string;
  @ApiProperty({ type: Object })
  group!: { readonly id: string };
  @ApiProperty({ enum: ['done', 'failed', 'busy'], description: 'busy: it is still being read' })
  result!: 'done' | 'failed' | 'busy';
  @ApiPropertyOptional({ description: 'begin of the last reading that succeeded' })
  syncedAt?: string;
  @ApiPropertyOptional({ description: 'how many templates it found' })
  listed?: number;
  @ApiPropertyOptional({ description: 'why it failed' })
  error?: string;
}
