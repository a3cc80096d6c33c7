/**
 * The package as a stranger gets it: packed, looked at by publint and are-the-types-wrong, put into an empty project beside the
 * packages that are installed here (so that nothing is fetched), and used there: its types, from CommonJS, and by the example.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const project = mkdtempSync(join(tmpdir(), 'patchbay-package-'));
const bin = (name) => join(root, 'node_modules', '.bin', name);

async function run(what, command, args, cwd = root) {
  const began = performance.now();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      said[name] += text;
    });
  const [status] = await once(child, 'close');
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${what} (${seconds} s)`);
  if (status === 0) return said.stdout;
  console.error(said.stdout + said.stderr);
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

/** Packs it; gives back where the tarball is. */
async function pack() {
  await run('build', process.execPath, [join(root, 'scripts', 'build-if-needed.mjs')]);
  await run('declarations', bin('tsc'), ['-p', 'tsconfig.types.json']);
  const told = await run('npm pack', 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project]);
  const [{ filename, files }] = JSON.parse(told);
  const stray = files.map(({ path }) => path).filter((path) => /\.(spec|fixture|test)\.|^(src|test|data)\//.test(path));
  if (stray.length > 0) throw new Error(`these are packed, and should not be: ${stray.join(', ')}`);
  return join(project, filename);
}

/** An empty project with the package in it. */
async function install(tarball) {
  const modules = join(project, 'node_modules');
  linkPackages(modules);
  // Not a link: Node looks for what it imports from where it really is.
  await run('unpack', 'tar', ['-xzf', tarball, '-C', project]);
  const installed = join(modules, 'patchbay');
  cpSync(join(project, 'package'), installed, { recursive: true });
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const [name, entry] of Object.entries(exports))
    for (const path of Object.values(typeof entry === 'string' ? { default: entry } : entry))
      if (!existsSync(join(installed, path))) throw new Error(`${name} leads to ${path}, which is not packed`);
  for (const folder of ['examples/monolith', 'test/package'])
    cpSync(join(root, folder), join(project, folder), {
      recursive: true,
      filter: (path) => !/[/\\](node_modules|dist|data)$/.test(path),
    });
}

async function judge(tarball) {
  await run('publint', bin('publint'), ['run', tarball, '--strict']);
  // ESM only, as Nest 12 is: CommonJS has it by require(esm), which this does not know of.
  await run('are-the-types-wrong', bin('attw'), [tarball, '--profile', 'esm-only']);
  await run('a CommonJS host', process.execPath, [join(project, 'test', 'package', 'host.cjs')]);
}

async function useExample() {
  const example = join(project, 'examples', 'monolith');
  await run('the example is built', bin('tsc'), ['-p', example]);
  await run(
    'the example runs',
    process.execPath,
    ['--test', ...['pigeon', 'shop'].map((name) => join(example, 'dist', `${name}.test.js`))],
    example,
  );
}

try {
  const tarball = await pack();
  await install(tarball);
  const outcomes = await Promise.allSettled([
    run('the public types', bin('tsc'), ['-p', join(project, 'test', 'package')]),
    judge(tarball).then(useExample),
  ]);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
