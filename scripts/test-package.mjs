/**
 * The package as a stranger gets it: packed, looked at by publint and are-the-types-wrong, put into an empty project beside the
 * packages that are installed here (so that nothing is fetched), and used there: its types, from CommonJS, and by the example.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const project = mkdtempSync(join(tmpdir(), 'patchbay-package-'));
const bin = (name) => join(root, 'node_modules', '.bin', name);

function run(what, command, args, cwd = root) {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${what} (${seconds} s)`);
  if (status === 0) return stdout;
  console.error(stdout + stderr);
  throw new Error(`${what} failed`);
}

/** Everything that is installed here, by a link each: the package beside it is the packed one. */
function linkPackages(modules) {
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.')) continue;
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
}

try {
  run('build', process.execPath, [join(root, 'scripts', 'build-if-needed.mjs')]);
  run('declarations', bin('tsc'), ['-p', 'tsconfig.types.json']);
  const [{ filename, files }] = JSON.parse(
    run('npm pack', 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project]),
  );
  const stray = files.map(({ path }) => path).filter((path) => /\.(spec|fixture|test)\.|^(src|test|data)\//.test(path));
  if (stray.length > 0) throw new Error(`these are packed, and should not be: ${stray.join(', ')}`);
  const tarball = join(project, filename);
  run('publint', bin('publint'), ['run', tarball, '--strict']);
  // ESM only, as Nest 12 is: CommonJS has it by require(esm), which this does not know of.
  run('are-the-types-wrong', bin('attw'), [tarball, '--profile', 'esm-only']);

  const modules = join(project, 'node_modules');
  linkPackages(modules);
  // Not a link: Node looks for what it imports from where it really is.
  run('unpack', 'tar', ['-xzf', tarball, '-C', project]);
  cpSync(join(project, 'package'), join(modules, 'patchbay'), { recursive: true });
  const { exports } = JSON.parse(readFileSync(join(modules, 'patchbay', 'package.json'), 'utf8'));
  for (const [name, entry] of Object.entries(exports))
    for (const path of Object.values(typeof entry === 'string' ? { default: entry } : entry))
      if (!existsSync(join(modules, 'patchbay', path)))
        throw new Error(`${name} leads to ${path}, which is not packed`);

  for (const folder of ['examples/monolith', 'test/package'])
    cpSync(join(root, folder), join(project, folder), {
      recursive: true,
      filter: (path) => !/[/\\](node_modules|dist|data)$/.test(path),
    });
  const example = join(project, 'examples', 'monolith');
  run('the public types', bin('tsc'), ['-p', join(project, 'test', 'package')]);
  run('a CommonJS host', process.execPath, [join(project, 'test', 'package', 'host.cjs')]);
  run('the example is built', bin('tsc'), ['-p', example]);
  run('the example runs', process.execPath, ['--test', join(example, 'dist', 'shop.test.js')], example);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
