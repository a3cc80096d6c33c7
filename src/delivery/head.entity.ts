import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The lock of a line, and the name of its first open message. */
@Entity('head')
export class HeadEntity {
  @PrimaryColumn('uuid')
  line!: string;

  @Column('uuid', { name: 'message_id' })
  messageId!: string;
}
