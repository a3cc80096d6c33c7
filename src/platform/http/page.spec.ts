import { describe, expect, it } from '@jest/globals';
import { newId } from '../ids/ids.js';
import { encodeCursor, idOfCursor, pageOf } from './page.js';

describe('a page', () => {
  it('has a next one when there was one row more than asked for', () => {
    const rows = [{ id: newId() }, { id: newId() }, { id: newId() }];
    const page = pageOf(
      rows,
      2,
      ({ id }) => id,
      ({ id }) => id,
    );
    expect(page.items).toEqual(rows.slice(0, 2).map(({ id }) => id));
    expect(idOfCursor(page.next ?? '')).toBe(rows[1]?.id);
    expect(
      pageOf(
        rows,
        3,
        ({ id }) => id,
        ({ id }) => id,
      ).next,
    ).toBeNull();
  });

  it.each(['', 'x', 'null', encodeCursor("' OR 1=1"), `${encodeCursor(newId())}=`, '\u0000'])(
    'has no cursor like %j',
    (cursor) => {
      expect(() => idOfCursor(cursor)).toThrow(expect.objectContaining({ status: 400, code: 'cursor.malformed' }));
    },
  );
});
