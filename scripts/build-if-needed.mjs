/**
 * Builds `dist/` when a source is newer than the last build, or always with `--force`.
 * Without sources (an installed package, the container image) there is nothing to build from, and `dist/` is taken as it is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist', '.built');
const SOURCES = [
  'src',
  'package.json',
  'package-lock.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  '.swcrc',
];

/** Folders count too: a file that was removed changes its folder only. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isUpToDate() {
  if (!existsSync(join(root, 'src'))) return true;
  const built = statSync(stamp, { throwIfNoEntry: false });
  return built !== undefined && Math.max(...SOURCES.map((name) => newest(join(root, name)))) <= built.mtimeMs;
}

function nestCli() {
  try {
    return createRequire(import.meta.url).resolve('@nestjs/cli/bin/nest.js');
  } catch {
    console.error('The build tools are not installed. Run `npm ci` (with development dependencies), then try again.');
    process.exit(1);
  }
}

if (process.argv.includes('--force') || !isUpToDate()) {
  // The stamp carries the time before the build, so that a file saved meanwhile counts as newer.
  const startedAt = new Date();
  console.error('Building …');
  const { status } = spawnSync(process.execPath, [nestCli(), 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, `${startedAt.toISOString()}\n`);
  utimesSync(stamp, startedAt, startedAt);
}
