import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The one row that says since when some process has been able to take provider callbacks without a gap. */
@Entity('callback_uptime')
export class CallbackUptimeEntity {
  @PrimaryColumn('smallint')
  id!: number;

  @Column('timestamptz', { name: 'up_since' })
  upSince!: Date;

  @Column('timestamptz', { name: 'seen_at' })
  seenAt!: Date;
}
