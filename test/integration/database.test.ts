import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { type Database, constraintOf, isConnectionError, sqlStateOf } from '../../src/platform/database/database.js';
import { MIGRATION_LOCK, dataSourceOptions } from '../../src/platform/database/open-database.js';
import { createEmptyDatabase, openTestDatabase } from '../support/database.js';
import { eventually } from '../support/patchbay.js';

/** More often than that, and a statement is prepared. */
const OFTEN = 40;

const TEXTS = ['NULL', '', '{"a":"b"}', 'back\\slash', '"quoted"', 'line\nbreak\t"', 'é💬', 'a,b', '{}'];

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});

beforeEach(async () => {
  await database.query('DROP TABLE IF EXISTS thing');
  await database.query('CREATE TABLE thing (id int PRIMARY KEY, name text)');
});

function undashed(value: unknown): string {
  return String(value)
    .replace(/[{}]/g, '')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

async function names(): Promise<unknown[]> {
  return (await database.query('SELECT name FROM thing ORDER BY id')).map(({ name }) => name);
}

describe('a statement', () => {
  it('brings values there and back as they are, prepared or not', async () => {
    const at = new Date('2026-11-25T22:31:02.007Z');
    const bytes = Buffer.from([0, 92, 255]);
    for (let time = 0; time < OFTEN; time += 1) {
      const [row] = await database.query(
        `SELECT $1::text AS text, $2::timestamptz AS at, $3::bytea AS bytes, $4::json AS json, $5::bigint AS big, $6::int AS int,
           $7::bool AS bool, $8::text AS nothing, $9::text[] AS texts, $10::timestamptz[] AS times, $11::bytea[] AS many`,
        ['a\\"b', at, bytes, { a: [1] }, 2n ** 60n, -5, true, null, [...TEXTS, null], [at, new Date(0)], [bytes]],
      );
      expect(row).toEqual({
        text: 'a\\"b',
        at,
        bytes,
        json: { a: [1] },
        big: '1152921504606846976',
        int: -5,
        bool: true,
        nothing: null,
        texts: [...TEXTS, null],
        times: [at, new Date(0)],
        many: [bytes],
      });
    }
  });

  it.each(['0044-03-15T12:00:00.000Z', '-000043-03-15T12:00:00.000Z', '+012026-03-15T12:00:00.250Z'])(
    'knows the moment %s',
    async (iso) => {
      const [row] = await database.query('SELECT $1::timestamptz AS at', [new Date(iso)]);
      expect(row?.['at']).toEqual(new Date(iso));
    },
  );

  const whole = (least: number, most: number): fc.Arbitrary<number> => fc.integer({ min: least, max: most });
  const moments = fc.date({
    min: new Date('-004000-01-01T00:00:00Z'),
    max: new Date('+200000-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  it.each<[string, fc.Arbitrary<unknown>, (value: unknown) => unknown]>([
    // a half of a pair is no character; a zero ends no text of PostgreSQL's
    ['text', fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')), (value) => value],
    ['text', fc.anything().filter((value) => typeof value === 'number'), String],
    ['uuid', fc.uuid(), (value) => value],
    ['uuid', fc.uuid().map((id) => id.toUpperCase()), (value) => String(value).toLowerCase()],
    ['uuid', fc.uuid().map((id) => `{${id.replaceAll('-', '')}}`), undashed],
    ['timestamptz', moments, (value) => value],
    [
      'timestamptz',
      moments.map((at) => at.toISOString()).filter((at) => /^\d{4}-/.test(at) && !at.startsWith('0000')),
      (value) => new Date(value as string),
    ],
    ['boolean', fc.boolean(), (value) => value],
    ['smallint', whole(-(2 ** 15), 2 ** 15 - 1), (value) => value],
    ['integer', whole(-(2 ** 31), 2 ** 31 - 1), (value) => value],
    ['int', whole(-(2 ** 31), 2 ** 31 - 1).map(String), Number],
    ['bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), String],
    ['bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), String],
    ['bigint', fc.maxSafeInteger(), String],
    ['float8', fc.double().map((value) => value + 0), (value) => value],
  ])('brings any array of %s there as it is, whatever it is written as', async (type, values, back) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(values), { maxLength: 30 }), async (given) => {
        const rows = await database.query(
          `SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS g (value, place) ORDER BY place`,
          [given],
        );
        expect(rows.map(({ value }) => value)).toEqual(given.map((value) => (value === null ? null : back(value))));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['uuid', ['6f9619ff-8b86-d011-b42d-00c04fc964fg']],
    ['uuid', ['é'.repeat(36)]],
    ['smallint', [40_000]],
    ['integer', [1.5]],
    ['bigint', ['1e3']],
    ['boolean', ['perhaps']],
  ])('lets the database say what is wrong with an array of %s', async (type, given) => {
    await expect(database.query(`SELECT $1::${type}[]`, [given])).rejects.toMatchObject({
      code: expect.stringMatching(/^22/),
    });
  });

  it('takes a parameter for an array of a type only where nothing else is said of it', async () => {
    const rows = await database.query(
      `SELECT $1::text[] AS texts, ($1::text[])::uuid[] AS ids, cardinality($1) AS count`,
      [['6f9619ff-8b86-d011-b42d-00c04fc964ff']],
    );
    expect(rows).toEqual([{ texts: ['6f9619ff-8b86-d011-b42d-00c04fc964ff'], ids: expect.anything(), count: 1 }]);
  });

  it('says what the database said against it, and how to find who asked', async () => {
    const insert = 'INSERT INTO thing (id, name) VALUES ($1, $2)';
    for (let id = 0; id < OFTEN; id += 1) await database.query(insert, [id, 'a']);
    const error = await database.query(insert, [1, 'b']).catch((caught: unknown) => caught);
    expect([sqlStateOf(error), constraintOf(error), isConnectionError(error)]).toEqual(['23505', 'thing_pkey', false]);
    expect((error as Error).stack).toContain('database.test');
    await database.query(insert, [OFTEN, 'c']);
    expect(await names()).toHaveLength(OFTEN + 1);
  });

  it('survives that a table is changed by somebody else, alone and in a transaction', async () => {
    await database.query(`INSERT INTO thing VALUES (1, 'a')`);
    const read = 'SELECT * FROM thing WHERE id = $1';
    for (let time = 0; time < OFTEN; time += 1) await database.query(read, [1]);
    await database.query('ALTER TABLE thing ADD COLUMN more int DEFAULT 7');
    expect(await database.query(read, [1])).toEqual([{ id: 1, name: 'a', more: 7 }]);
    for (let time = 0; time < OFTEN; time += 1) await database.query(read, [1]);
    await database.query('ALTER TABLE thing DROP COLUMN more');
    expect(await database.transaction((sql) => sql.query(read, [1]))).toEqual([{ id: 1, name: 'a' }]);
  });

  it('survives that its connection has forgotten it', async () => {
    const read = 'SELECT $1::int AS one';
    for (let time = 0; time < OFTEN; time += 1) await database.query(read, [1]);
    await database.query('DEALLOCATE ALL');
    expect(await database.query(read, [1])).toEqual([{ one: 1 }]);
  });
});

describe('a transaction', () => {
  it('is kept as a whole or not at all, whichever of its statements fails', async () => {
    const insert = 'INSERT INTO thing (id, name) VALUES ($1, $2)';
    await database.transaction(async (sql) => {
      await sql.query(insert, [1, 'a']);
      await sql.query(`INSERT INTO thing VALUES (2, 'b')`);
    });
    for (const first of [1, 3]) {
      const failing = database.transaction(async (sql) => {
        await sql.query(insert, [first, 'x']);
        await sql.query(insert, [1, 'x']);
      });
      expect(sqlStateOf(await failing.catch((error: unknown) => error))).toBe('23505');
    }
    expect(await names()).toEqual(['a', 'b']);
  });

  it('begins with its first statement, also with one that has no parameters', async () => {
    const failing = database.transaction(async (sql) => {
      await sql.query(`INSERT INTO thing VALUES (1, 'a')`);
      throw new Error('changed its mind');
    });
    await expect(failing).rejects.toThrow('changed its mind');
    expect(await names()).toEqual([]);
  });

  it('begins although its first statement could not be said', async () => {
    const failing = database.transaction(async (sql) => {
      await expect(sql.query('SELECT $1::timestamptz', [new Date(Number.NaN)])).rejects.toThrow(RangeError);
      await sql.query(`INSERT INTO thing VALUES ($1, 'a')`, [1]);
      throw new Error('changed its mind');
    });
    await expect(failing).rejects.toThrow('changed its mind');
    expect(await names()).toEqual([]);
  });

  it('leaves the connection as it was when nothing was said in it', async () => {
    expect(await database.transaction(async () => 'done')).toBe('done');
    await database.query(`INSERT INTO thing VALUES (1, 'a')`);
    expect(await names()).toEqual(['a']);
  });

  it('that only reads refuses to write', async () => {
    const writing = database.snapshot((sql) => sql.query('INSERT INTO thing (id) VALUES ($1)', [1]));
    expect(sqlStateOf(await writing.catch((error: unknown) => error))).toBe('25006');
  });

  it('whose connection is cut says so, and the next one finds another connection', async () => {
    const cut = database.transaction(async (sql) => {
      const [self] = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1)', [self?.pid]);
      await sql.query('SELECT $1::int', [1]);
    });
    expect(isConnectionError(await cut.catch((error: unknown) => error))).toBe(true);
    expect(await database.transaction((sql) => sql.query('SELECT $1::int AS one', [1]))).toEqual([{ one: 1 }]);
  });

  it('of a process that stands still keeps nobody waiting for ever, and is told so', async () => {
    await database.query('INSERT INTO thing (id, name) VALUES ($1, $2)', [1, 'as it was']);
    const standing = database.transaction(async (sql) => {
      await sql.query('UPDATE thing SET name = $1', ['of the one that stands still']);
      await database.query('UPDATE thing SET name = $1', ['of the other']);
      await sql.query('UPDATE thing SET name = $1', ['too late']);
    });
    expect(isConnectionError(await standing.catch((error: unknown) => error))).toBe(true);
    expect(await names()).toEqual(['of the other']);
  }, 30_000);
});

describe('a start', () => {
  it('goes on when the database restarts while it waits for the migrations of another process', async () => {
    const connectionString = await createEmptyDatabase();
    const other = new DataSource(dataSourceOptions(connectionString, 1));
    await other.initialize();
    const ask = <T>(text: string, parameters: unknown[] = []): Promise<T[]> => other.query(text, parameters);
    await ask('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const opening = openTestDatabase({ connectionString });
    const waiting = await eventually('that it waits', async () => {
      const [found] = await ask<{ pid: number }>(
        `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return found;
    });
    await ask('SELECT pg_terminate_backend($1)', [waiting.pid]);
    await other.destroy();
    expect(await (await opening).query('SELECT count(*)::int AS waiting FROM outbound')).toEqual([{ waiting: 0 }]);
  });
});
