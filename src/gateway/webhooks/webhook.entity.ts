import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An application beside the bot that is told events. */
@Entity('webhook')
export class WebhookEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  url!: string;

  /** `{"encrypted": "…"}` */
  @Column('jsonb')
  secret!: object;

  /** names, or `*` for all */
  @Column('text', { array: true })
  events!: string[];

  /** null: all gateways */
  @Column('uuid', { array: true, nullable: true })
  gateways!: string[] | null;

  /** why it is no longer called */
  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}
