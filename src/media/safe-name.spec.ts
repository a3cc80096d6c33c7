import { describe, expect, it } from '@jest/globals';
import { safeName } from './safe-name.js';

describe('safeName', () => {
  it.each([
    ['bill.pdf', 'bill.pdf'],
    ['Rechnung für Änne.pdf', 'Rechnung für Änne.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\win.ini', 'win.ini'],
    ['/root/.ssh/id_rsa', 'id_rsa'],
    ['.htaccess', 'htaccess'],
    ['a"; filename="b.exe', 'a; filename=b.exe'],
    ['line\r\nX-Injected: 1.txt', 'lineX-Injected 1.txt'],
    ['photo\u202Egpj.exe', 'photogpj.exe'],
    ['nul\u0000l.txt', 'null.txt'],
    ['half \ud800.txt', 'half \ufffd.txt'],
    ['..', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j becomes %j', (given, expected) => {
    expect(safeName(given)).toBe(expected);
  });

  it('keeps the ending of a name that is too long', () => {
    const name = safeName(`${'🎉'.repeat(300)}.jpeg`) ?? '';
    expect([...name]).toHaveLength(200);
    expect(name.endsWith('🎉.jpeg')).toBe(true);
  });
});
