import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MESSAGE_CLASSES } from '../message-class.js';

export class NextTierView {
  @ApiProperty({ type: Number, nullable: true, description: 'null: unlimited' })
  limit!: number | null;
  @ApiProperty({ type: [String], description: 'what the network asks for, as far as it is known here' })
  needs!: readonly string[];
}

/** What shares one messaging limit: how many people it may open in a moving day, outside of windows. */
export class PortfolioView {
  @ApiProperty({ description: 'channel and the network’s id of the business', example: 'whatsapp:2729063490586005' })
  id!: string;
  @ApiProperty({ type: String, nullable: true, description: 'the network’s own word; null where it has not told' })
  tier!: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'people in a moving day; null: unlimited' })
  limit!: number | null;
  @ApiProperty({ description: 'places taken, those of another system (seed) included' })
  used!: number;
  @ApiProperty({ type: Number, nullable: true, description: 'null: unlimited' })
  free!: number | null;
  @ApiProperty({ description: 'messages that wait for a place; not counted beyond 100,000' })
  held!: number;
  @ApiProperty({ type: String, nullable: true, description: 'when the next place is free again' })
  nextReleaseAt!: string | null;
  @ApiProperty({
    enum: ['full', 'partial'],
    description:
      'partial: what was opened before we knew of it may be missing for the first 24 hours; see PUT /limits/seed',
  })
  confidence!: 'full' | 'partial';
  @ApiPropertyOptional({ type: NextTierView, description: 'absent at the end of the ladder' })
  nextTier?: NextTierView;
}

export class PausedView {
  @ApiProperty()
  reason!: string;
  @ApiProperty({ type: String, nullable: true, description: 'null: until somebody resumes' })
  until!: string | null;
  @ApiPropertyOptional({ enum: MESSAGE_CLASSES, description: 'only messages of this class' })
  class?: string;
}

export class AccountLimitsView {
  @ApiProperty({ description: 'its address at the network' })
  id!: string;
  @ApiProperty({ type: Object })
  gateway!: { readonly id: string; readonly uri: string };
  @ApiProperty()
  channel!: string;
  @ApiPropertyOptional({ description: 'what it shares its messaging limit with' })
  portfolio?: string;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'messages per second that the network takes; null: no bound',
  })
  throughput!: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'messages per second in force now' })
  pace!: number | null;
  @ApiProperty({ type: String, nullable: true, description: 'the network’s own word' })
  quality!: string | null;
  @ApiPropertyOptional({ type: PausedView })
  paused?: PausedView;
  @ApiProperty({ description: 'messages that wait for their turn' })
  queued!: number;
  @ApiProperty({ description: 'messages that something holds' })
  held!: number;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'until what waits has left, at this pace and limit; null while all of it is paused without an end',
  })
  estimatedDrainSeconds!: number | null;
}

export class LimitsView {
  @ApiProperty({ type: [PortfolioView] })
  portfolios!: readonly PortfolioView[];
  @ApiProperty({ type: [AccountLimitsView] })
  accounts!: readonly AccountLimitsView[];
}

/** One pause; what is absent means all of them. */
export class PauseView {
  @ApiProperty()
  id!: string;
  @ApiPropertyOptional({ type: Object })
  gateway?: { readonly id: string; readonly uri?: string };
  @ApiPropertyOptional({ description: 'an account’s address' })
  account?: string;
  @ApiPropertyOptional({ enum: MESSAGE_CLASSES })
  class?: string;
  @ApiProperty()
  reason!: string;
  @ApiProperty()
  since!: string;
  @ApiProperty({ type: String, nullable: true })
  until!: string | null;
}

export class PauseListView {
  @ApiProperty({ type: [PauseView] })
  items!: readonly PauseView[];
  @ApiProperty({ type: String, nullable: true })
  next!: null;
}
