import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class UsageItemView {
  @ApiPropertyOptional()
  account?: string;
  @ApiPropertyOptional({ description: 'the network’s own word; unknown: it said nothing' })
  category?: string;
  @ApiPropertyOptional({ description: 'the network’s own word' })
  type?: string;
  @ApiPropertyOptional({ description: 'of the person, ISO 3166; ZZ: not known' })
  country?: string;
  @ApiPropertyOptional()
  day?: string;
  @ApiProperty({ description: 'delivered ones' })
  messages!: number;
  @ApiProperty({ description: 'those that the network charges' })
  charged!: number;
  @ApiPropertyOptional({ type: Object, description: 'an estimate; absent: the rate card has none of these prices' })
  cost?: { readonly currency: string; readonly amount: number };
  @ApiPropertyOptional({ description: 'charged ones without a price in the rate card: not part of the estimate' })
  unpriced?: number;
}

export class FreeUseView {
  @ApiProperty()
  account!: string;
  @ApiProperty({ example: '2026-11' })
  month!: string;
  @ApiProperty({ type: Object, description: 'known false: the network did not say, so UTC' })
  timeZone!: { readonly name: string; readonly known: boolean };
  @ApiProperty()
  category!: string;
  @ApiProperty()
  used!: number;
  @ApiProperty()
  limit!: number;
  @ApiProperty()
  left!: number;
}

/** Messages that arrived, and what they cost by the rate card. */
export class UsageView {
  @ApiProperty()
  from!: string;
  @ApiProperty()
  to!: string;
  @ApiProperty({ type: [UsageItemView] })
  items!: readonly UsageItemView[];
  @ApiProperty({ type: UsageItemView })
  total!: UsageItemView;
  @ApiProperty({ type: [FreeUseView], description: 'messages that are free, by account and month' })
  free!: readonly FreeUseView[];
}
