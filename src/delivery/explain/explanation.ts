import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One thing that speaks against sending now, or that a person should know. */
export class Reason {
  @ApiProperty({ description: 'what a held message would say in `held.reason`, or the code of the refusal' })
  code!: string;
  @ApiProperty()
  detail!: string;
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  until?: string;
}

/** What would happen to a message, and why. */
export class Explanation {
  @ApiProperty({ enum: ['send', 'hold', 'fallback', 'reject'] })
  verdict!: 'send' | 'hold' | 'fallback' | 'reject';
  @ApiProperty({ type: [Reason] })
  reasons!: readonly Reason[];
  @ApiPropertyOptional({ type: Object, nullable: true, description: 'the customer’s window: `{state, expiresAt?}`' })
  window!: object | null;
  @ApiPropertyOptional({
    type: Object,
    nullable: true,
    description: 'the messaging limit: `{portfolio, limit, used, free, needsPlace}`',
  })
  tier!: object | null;
  @ApiPropertyOptional({ type: Object, nullable: true, description: '`{perSecond, throughput, inbound}`' })
  pace!: object | null;
  @ApiPropertyOptional({ type: String, nullable: true })
  class!: string | null;
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, description: 'null: nobody can say' })
  estimatedAt!: string | null;
}
