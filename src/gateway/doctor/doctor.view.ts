import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { DoctorStep } from '../../contract/index.js';

const STATUSES = ['ok', 'warning', 'failed', 'skipped'] as const;

export class DoctorStepView implements DoctorStep {
  @ApiProperty({ example: 'self_test' })
  id!: string;
  @ApiProperty({ enum: STATUSES })
  status!: (typeof STATUSES)[number];
  @ApiProperty()
  title!: string;
  @ApiProperty({ description: 'what was found' })
  detail!: string;
  @ApiPropertyOptional({ description: 'what to do' })
  advice?: string;
  @ApiPropertyOptional({ description: 'where that is done' })
  where?: string;
}

/** How a gateway's set-up is, step by step. */
export class DoctorView {
  @ApiProperty({ description: 'no step failed' })
  ok!: boolean;
  @ApiProperty({ type: [DoctorStepView] })
  steps!: readonly DoctorStepView[];
}
