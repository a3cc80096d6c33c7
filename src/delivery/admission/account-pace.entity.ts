import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far an account has come in its pace. */
@Entity('account_pace')
export class AccountPaceEntity {
  @PrimaryColumn('uuid', { name: 'account_id' })
  accountId!: string;

  /** when its next message is due if it keeps its pace, in milliseconds of Unix time */
  @Column('double precision')
  tat!: number;

  /** slots given so far */
  @Column('bigint')
  turn!: string;

  /** what a refusal for speed has left of the pace */
  @Column('real')
  factor!: number;

  @Column('timestamptz', { name: 'lowered_at', nullable: true })
  loweredAt!: Date | null;
}
