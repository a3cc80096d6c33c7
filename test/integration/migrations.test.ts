import { describe, expect, it } from '@jest/globals';
import { Column, DataSource, Entity, type MixedList, PrimaryColumn } from 'typeorm';
import { ENTITIES } from '../../src/entities.js';
import { MIGRATIONS } from '../../src/migrations/index.js';
import type { Sql } from '../../src/platform/database/database.js';
import { SCHEMA, dataSourceOptions } from '../../src/platform/database/open-database.js';
import { PARTITIONED, ensurePartitions } from '../../src/platform/database/partitions.js';
import { newId } from '../../src/platform/ids/ids.js';
import { createEmptyDatabase, openTestDatabase } from '../support/database.js';

@Entity('head')
class WrongType {
  @PrimaryColumn('uuid')
  line!: string;

  @Column('text', { name: 'message_id' })
  messageId!: string;
}

@Entity('head')
class WrongNull {
  @PrimaryColumn('uuid')
  line!: string;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId!: string | null;
}

@Entity('head')
class UnknownColumn {
  @PrimaryColumn('uuid')
  line!: string;

  @Column('uuid', { name: 'message_id' })
  messageId!: string;

  @Column('text', { nullable: true })
  more!: string | null;
}

@Entity('unmatched_receipt')
class LostIndex {
  @PrimaryColumn('uuid', { name: 'account_id' })
  accountId!: string;

  @PrimaryColumn('text', { name: 'provider_id' })
  providerId!: string;

  @PrimaryColumn('text')
  key!: string;

  @Column('json')
  receipt!: unknown;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt!: Date;
}

describe('the migrations', () => {
  it('are an ordered list with increasing timestamps', () => {
    const names = MIGRATIONS.map((Migration) => new Migration().name);
    const stamps = names.map((name) => Number(/(\d{13})$/.exec(name)?.[1]));
    expect(stamps.every((stamp) => Number.isSafeInteger(stamp))).toBe(true);
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
    expect(names).toEqual(MIGRATIONS.map(({ name }) => name));
  });

  it('run once when several processes start at the same moment', async () => {
    const connectionString = await createEmptyDatabase();
    const said: object[] = [];
    const log = { info: (fields: object) => void said.push(fields), warn: () => undefined };
    const databases = await Promise.all(
      Array.from({ length: 6 }, () => openTestDatabase({ connectionString, log, poolSize: 2 })),
    );
    const names = MIGRATIONS.map(({ name }) => name);
    expect(said).toEqual(names.map((migration) => ({ migration })));
    for (const database of databases) {
      const rows = await database.query<{ name: string }>('SELECT name FROM migration ORDER BY id');
      expect(rows.map(({ name }) => name)).toEqual(names);
      expect(await database.query('SELECT 1 FROM installation')).toHaveLength(1);
    }
  });

  it('keep all tables in a schema of their own', async () => {
    const database = await openTestDatabase({ connectionString: await createEmptyDatabase() });
    const rows = await database.query<{ schema: string }>(
      `SELECT DISTINCT relnamespace::regnamespace::text AS schema FROM pg_class
       WHERE relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`,
    );
    expect(rows.map(({ schema }) => schema)).toEqual([SCHEMA]);
  });
});

describe('the entities', () => {
  it('leave no difference to what the migrations make', async () => {
    const database = await openTestDatabase({ entities: [...ENTITIES] });
    expect(await differences(database.dataSource)).toEqual([]);
  });

  it.each([
    ['a column of another type', WrongType],
    ['a column that may be null', WrongNull],
    ['a column that is not there', UnknownColumn],
    ['an index that nobody asked for', LostIndex],
  ])('would be told apart by %s', async (_what, wrong) => {
    const database = await openTestDatabase({ entities: [wrong] });
    expect(await differences(database.dataSource)).not.toEqual([]);
  });

  it('describe every table', async () => {
    const database = await openTestDatabase({ entities: [...ENTITIES] });
    const tables = await database.query<{ table: string }>(
      `SELECT relname AS table FROM pg_class
       WHERE relnamespace = '${SCHEMA}'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'migration'`,
    );
    const described = database.dataSource.entityMetadatas.map(({ tableName }) => tableName);
    expect(described.sort()).toEqual(tables.map(({ table }) => table).sort());
  });

  it('say the same of indexes and keys, down to their order and conditions', async () => {
    const migrated = await openTestDatabase();
    const described = await synchronized([...ENTITIES]);
    const made = await definitions(described);
    await described.destroy();
    expect(made).toEqual(await definitions(migrated.dataSource));
  });
});

describe('the partitions', () => {
  it('exist for now and the next two steps of each table', async () => {
    const database = await openTestDatabase();
    await ensurePartitions(database, new Date('2031-12-31T23:59:59Z')); // a Wednesday
    expect(await partitionsOf(database, 'event', '203')).toEqual([
      ['event_p20311229', `FROM ('2031-12-29 00:00:00+00') TO ('2032-01-05 00:00:00+00')`],
      ['event_p20320105', `FROM ('2032-01-05 00:00:00+00') TO ('2032-01-12 00:00:00+00')`],
      ['event_p20320112', `FROM ('2032-01-12 00:00:00+00') TO ('2032-01-19 00:00:00+00')`],
    ]);
    expect(await partitionsOf(database, 'message', '203')).toEqual([
      ['message_p20311201', `FROM ('2031-12-01 00:00:00+00') TO ('2032-01-01 00:00:00+00')`],
      ['message_p20320101', `FROM ('2032-01-01 00:00:00+00') TO ('2032-02-01 00:00:00+00')`],
      ['message_p20320201', `FROM ('2032-02-01 00:00:00+00') TO ('2032-03-01 00:00:00+00')`],
    ]);
  });

  it('are there for every partitioned table once a database is opened', async () => {
    const database = await openTestDatabase();
    const partitioned = await database.query<{ table: string }>(
      `SELECT relname AS table FROM pg_class WHERE relnamespace = '${SCHEMA}'::regnamespace AND relkind = 'p' ORDER BY 1`,
    );
    expect(partitioned.map(({ table }) => table)).toEqual(PARTITIONED.map(({ table }) => table).sort());
    for (const { table } of PARTITIONED) expect(await partitionsOf(database, table)).toHaveLength(3);
  });

  it('take the rows of their time; others go to the default one', async () => {
    const database = await openTestDatabase();
    const now = new Date();
    const [current] = await partitionsOf(database, 'event');
    expect(await storeEvent(database, now)).toBe(current?.[0]);
    expect(await storeEvent(database, new Date('2019-05-05T00:00:00Z'))).toBe('event_default');
  });

  it('are made once, however often and by however many at a time they are asked for', async () => {
    const database = await openTestDatabase();
    const at = new Date('2031-06-15T12:00:00Z');
    await Promise.all([1, 2, 3, 4].map(() => ensurePartitions(database, at)));
    const before = await Promise.all(PARTITIONED.map(({ table }) => partitionsOf(database, table, '2031')));
    expect(before.map(({ length }) => length)).toEqual(PARTITIONED.map(() => 3));
    await storeEvent(database, at);
    await ensurePartitions(database, at);
    expect(await Promise.all(PARTITIONED.map(({ table }) => partitionsOf(database, table, '2031')))).toEqual(before);
    expect(await database.query('SELECT 1 FROM event')).toHaveLength(1);
  });

  it('take over the rows that came before them, and are like the others then', async () => {
    const database = await openTestDatabase();
    const at = new Date('2031-06-15T12:00:00Z');
    const stays = new Date('2041-06-15T12:00:00Z');
    for (const time of [at, at, stays]) expect(await storeEvent(database, time)).toBe('event_default');
    await ensurePartitions(database, at);
    const rows = await database.query('SELECT tableoid::regclass::text AS partition, created_at FROM event ORDER BY 1');
    const moved = { partition: 'event_p20310609', created_at: at };
    expect(rows).toEqual([{ partition: 'event_default', created_at: stays }, moved, moved]);
    expect(await columnsAndKeys(database, 'event_p20310609')).toEqual(await columnsAndKeys(database, 'event'));
    expect(await columnsAndKeys(database, 'message_p20310601')).toEqual(await columnsAndKeys(database, 'message'));
  });
});

/** What TypeORM would do to the tables to make them what the entities say. */
async function differences(dataSource: DataSource): Promise<readonly string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

/** A database with the tables that TypeORM itself makes of the entities. */
async function synchronized(entities: MixedList<new () => object>): Promise<DataSource> {
  const dataSource = new DataSource({ ...dataSourceOptions(await createEmptyDatabase(), 2), entities, migrations: [] });
  await dataSource.initialize();
  await dataSource.query(`CREATE SCHEMA ${SCHEMA}`);
  for (const sequence of ['message_seq', 'event_delivery_seq', 'stream_pending_seq'])
    await dataSource.query(`CREATE SEQUENCE ${sequence}`);
  await dataSource.synchronize();
  return dataSource;
}

/** All indexes and keys as PostgreSQL words them; names of primary keys are left out, since nobody speaks of them. */
async function definitions(dataSource: DataSource): Promise<readonly string[]> {
  const rows: readonly { definition: string }[] = await dataSource.query(
    `WITH tables AS (
       SELECT oid, relname FROM pg_class
       WHERE relnamespace = '${SCHEMA}'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'migration'
     )
     SELECT t.relname || ': ' || replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS definition
     FROM tables t JOIN pg_index i ON i.indrelid = t.oid WHERE NOT i.indisprimary
     UNION ALL
     SELECT t.relname || ': ' || CASE WHEN c.contype = 'p' THEN '' ELSE c.conname || ' ' END || pg_get_constraintdef(c.oid)
     FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid WHERE c.contype <> 'n'
     ORDER BY 1`,
  );
  return rows.map(({ definition }) => definition);
}

/** Name and bounds of a table's partitions but the default one. */
async function partitionsOf(sql: Sql, table: string, startingWith = ''): Promise<readonly (readonly string[])[]> {
  const rows = await sql.query<{ name: string; bounds: string }>(
    `SELECT c.relname AS name, replace(pg_get_expr(c.relpartbound, c.oid), 'FOR VALUES ', '') AS bounds
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass AND c.relname LIKE $2 ORDER BY 1`,
    [table, `${table}\\_p${startingWith}%`],
  );
  return rows.map(({ name, bounds }) => [name, bounds]);
}

async function columnsAndKeys(sql: Sql, table: string): Promise<readonly unknown[]> {
  return sql.query(
    `SELECT attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || COALESCE(pg_get_expr(adbin, adrelid), '') AS text
     FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = $1::regclass AND attnum > 0
     UNION ALL
     SELECT regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '') || ' ' || indisprimary FROM pg_index WHERE indrelid = $1::regclass
     ORDER BY 1`,
    [table],
  );
}

/** Where the row went. */
async function storeEvent(sql: Sql, at: Date): Promise<string | undefined> {
  const [row] = await sql.query<{ partition: string }>(
    `INSERT INTO event (id, created_at, type, gateway_id, line, occurred_at, body)
     VALUES ($1, $2, 'test', $1, $1, $2, '{}') RETURNING tableoid::regclass::text AS partition`,
    [newId(at), at],
  );
  return row?.partition;
}
