import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A line that has events waiting: its lock, and when it wants to be looked at. */
@Entity('event_line')
@Index('event_line_due', ['subscriber', 'nextAt'], { where: 'claimed_by IS NULL' })
@Index('event_line_claimed', ['claimedBy'], { where: 'claimed_by IS NOT NULL' })
export class EventLineEntity {
  @PrimaryColumn('uuid')
  line!: string;

  @PrimaryColumn('text')
  subscriber!: string;

  @Column('uuid', { name: 'gateway_id' })
  gatewayId!: string;

  @Column('timestamptz', { name: 'next_at' })
  nextAt!: Date;

  /** the process that works on it just now */
  @Column('uuid', { name: 'claimed_by', nullable: true })
  claimedBy!: string | null;
}
