/**
 * `npm run bench <name> [-- arguments]` runs `bench/<name>.ts`.
 * The product is built as always into `dist/`, the benchmark and what it imports into `dist-bench/`: what is measured is plain
 * JavaScript, without a loader in the way.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { resolve } = createRequire(import.meta.url);
const [name = '', ...args] = process.argv.slice(2);

if (!/^[\w-]+$/.test(name) || !existsSync(join(root, 'bench', `${name}.ts`))) {
  const known = readdirSync(join(root, 'bench'), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => entry.name.replace(/\.ts$/, ''));
  console.error(`There is no benchmark "${name}". There are: ${known.join(', ') || 'none'}.`);
  process.exit(78);
}

function run(...command) {
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run(join(root, 'scripts', 'build-if-needed.mjs'));
rmSync(join(root, 'dist-bench'), { recursive: true, force: true });
const swc = join(dirname(resolve('@swc/cli/package.json')), 'bin', 'swc.js');
const folders = ['src', 'bench', 'test/support'].filter((folder) => existsSync(join(root, folder)));
run(swc, ...folders, '--out-dir', 'dist-bench', '--quiet', '--ignore', '**/*.spec.ts', '--ignore', '**/*.test.ts');

const child = spawn(process.execPath, [join(root, 'dist-bench', 'bench', `${name}.js`), ...args], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
