import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far one person has come in the pace that the network allows to one person. */
@Entity('pair_pace')
export class PairPaceEntity {
  @PrimaryColumn('uuid', { name: 'thread_id' })
  threadId!: string;

  /** in milliseconds of Unix time */
  @Column('double precision')
  tat!: number;

  /** when the burst began that is being repaid */
  @Column('double precision')
  burst!: number;

  /** refusals in a row */
  @Column('smallint')
  strikes!: number;
}
