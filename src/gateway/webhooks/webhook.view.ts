import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** A webhook as the API shows it. */
export class WebhookView {
  @ApiProperty()
  id!: string;
  @ApiProperty()
  url!: string;
  @ApiProperty({ type: [String] })
  events!: readonly string[];
  @ApiProperty({ type: [String], nullable: true, description: 'ids; null: all gateways' })
  gateways!: readonly string[] | null;
  @ApiProperty({ description: 'in clear in the answer that made it, masked ever after' })
  secret!: string;
  @ApiProperty({ enum: ['active', 'disabled'] })
  state!: 'active' | 'disabled';
  @ApiPropertyOptional({ description: 'why it is no longer called' })
  reason?: string;
  @ApiProperty()
  createdAt!: string;
}
