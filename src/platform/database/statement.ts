import type { ClientBase, Connection, FieldDef, Submittable } from 'pg';
import { arrayTypesOf } from './array-types.js';
import { PreparedStatements, type RowShape, shapeOf } from './prepared-statements.js';
import { DESCRIBE_EXECUTE_AND_SYNC, EXECUTE_AND_SYNC, bind, close, immediately, parse, simply } from './wire.js';

export type Row = Record<string, unknown>;

/** A statement as it will be said. */
export interface Spoken {
  readonly text: string;
  /** under which a connection keeps it prepared; '' = it does not */
  readonly name: string;
  /** its parameters; undefined = it has none */
  readonly bound: Buffer | undefined;
}

/** @throws for a parameter that cannot be written */
export function speak(text: string, name: string, parameters: readonly unknown[]): Spoken {
  const isSimple = parameters.length === 0 && name === '';
  return { text, name, bound: isSimple ? undefined : bind(name, parameters, arrayTypesOf(text)) };
}

/**
 * Runs one statement on a connection and gives its rows. It leaves in a single write, and what is prepared is described once.
 *
 * @param before a statement that goes in the same write; if it fails, what is spoken is not carried out
 */
export async function run(client: ClientBase, spoken: Spoken, before?: string): Promise<Row[]> {
  try {
    return await new Promise<Row[]>((resolve, reject) => {
      client.query(new Statement(spoken, before, resolve, reject));
    });
  } catch (error) {
    // The driver's stack ends where the answer was read; this one leads to who asked.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}

/**
 * A server that says nothing for so long counts as lost, and its connection with it: frozen, or cut off without a word. Whoever
 * waits is told so as of any broken connection; what was said may have been carried out.
 *
 * @param silenceMs absent: it is waited for ever
 */
export async function unlessSilent<T>(
  client: ClientBase,
  silenceMs: number | undefined,
  ask: () => Promise<T>,
): Promise<T> {
  if (silenceMs === undefined) return ask();
  const { connection } = client as unknown as { readonly connection: Connection };
  const timer = setTimeout(() => connection.stream.destroy(), silenceMs);
  try {
    return await ask();
  } finally {
    clearTimeout(timer);
  }
}

const preparedOn = new WeakMap<Connection, PreparedStatements>();

function preparedOf(connection: Connection): PreparedStatements {
  let statements = preparedOn.get(connection);
  if (!statements) {
    statements = new PreparedStatements(performance.now());
    preparedOn.set(connection, statements);
  }
  return statements;
}

/** Speaks the protocol by itself, in the way in which the driver lets cursors and streams do so. */
class Statement implements Submittable {
  private readonly rows: Row[] = [];
  private shape: RowShape | undefined;
  private error: unknown;
  private isPrepared = false;

  constructor(
    private readonly spoken: Spoken,
    private readonly before: string | undefined,
    private readonly resolve: (rows: Row[]) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  submit(connection: Connection): void {
    connection.stream.write(this.messages(connection));
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    this.shape = shapeOf(fields);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this.error !== undefined || !this.shape) return;
    try {
      this.rows.push(readRow(this.shape, fields));
    } catch (error) {
      this.error = error;
    }
  }

  handleReadyForQuery(connection: Connection): void {
    const { name } = this.spoken;
    if (name !== '' && !this.isPrepared) preparedOf(connection).keep(name, this.shape, performance.now());
    if (this.error === undefined) this.resolve(this.rows);
    else this.reject(this.error);
  }

  /** Of the server or of the connection; the driver says nothing after it. */
  handleError(error: unknown, connection: Connection): void {
    const { name } = this.spoken;
    if (name !== '') preparedOf(connection).forget(name);
    this.reject(error);
  }

  handleCommandComplete(): void {
    // The rows are given when the connection is ready for the next statement.
  }

  handleEmptyQuery(): void {
    // A text without a statement gives no rows.
  }

  handlePortalSuspended(): void {
    // Never: all rows are asked for.
  }

  handleCopyInResponse(connection: Connection): void {
    (connection as unknown as { sendCopyFail: (why: string) => void }).sendCopyFail('there is nothing to copy');
  }

  handleCopyData(): void {
    // Nobody reads what a COPY says.
  }

  private messages(connection: Connection): Buffer {
    const { text, name, bound } = this.spoken;
    const { before } = this;
    if (!bound) return simply(before === undefined ? text : `${before}; ${text}`);
    const first = before === undefined ? [] : [immediately(before)];
    const prepared = name === '' ? undefined : preparedOf(connection).find(name, performance.now());
    if (prepared) {
      this.isPrepared = true;
      this.shape = prepared.shape;
      return Buffer.concat([...first, bound, EXECUTE_AND_SYNC]);
    }
    // What was prepared under this name, if anything was, has served its time.
    const closing = name === '' ? [] : [close(name)];
    return Buffer.concat([...first, ...closing, parse(name, text), bound, DESCRIBE_EXECUTE_AND_SYNC]);
  }
}

function readRow({ names, decoders, empty }: RowShape, fields: readonly (string | null)[]): Row {
  const row: Row = { ...empty };
  for (let index = 0; index < fields.length; index += 1) {
    const text = fields[index];
    if (typeof text === 'string') row[names[index] as string] = (decoders[index] as (text: string) => unknown)(text);
  }
  return row;
}
