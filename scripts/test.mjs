/**
 * Runs the tests: `node scripts/test.mjs [project …] [--rounds N] [--runs N] [--brief] [any argument of jest]`.
 * Builds first, and starts the PostgreSQL that all test files share, unless only unit tests are to be run.
 * Without a project: all but `faults`, whose long runs are a command of their own. `--rounds` says how often the fault tests
 * go round (they read it as FAULT_ROUNDS), `--runs` how many random runs the delivery engine is put through (ENGINE_RUNS). `--queue redis` gives every stage a Redis of its own (TEST_QUEUE).
 * `--brief` leaves out the suites that take longest and whose subject others touch: the gate must end in 20 minutes on two cores.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { startTestServer } from './test-server.mjs';

const EVERYDAY = ['unit', 'integration', 'acceptance', 'embedding'];
const PROJECTS = [...EVERYDAY, 'faults'];
/** Half a minute to three minutes of one processor each. */
const LONG = ['outcome-codes', 'secrets', 'walk-through', 'class-and-time', 'media-outbound', 'backup', 'network-away'];

const args = process.argv.slice(2);
const projects = [];
while (PROJECTS.includes(args[0])) projects.push(args.shift());

const env = { ...process.env };
env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim();
for (const [option, variable] of [
  ['--rounds', 'FAULT_ROUNDS'],
  ['--runs', 'ENGINE_RUNS'],
]) {
  const place = args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  if (place < 0) continue;
  const [flag] = args.splice(place, 1);
  const given = flag.includes('=') ? flag.split('=')[1] : args.splice(place, 1)[0];
  if (!/^[1-9]\d*$/.test(given ?? '')) {
    console.error(`${option} is not usable: given "${given ?? ''}", allowed is a whole number from 1.`);
    process.exit(78);
  }
  env[variable] = given;
}

const brief = args.indexOf('--brief');
if (brief >= 0) args.splice(brief, 1, `--testPathIgnorePatterns=/acceptance/(${LONG.join('|')})\\.test\\.ts$`);

const queue = args.indexOf('--queue');
if (queue >= 0) {
  const [, given] = args.splice(queue, 2);
  if (given !== 'redis' && given !== 'postgresql') {
    console.error(`--queue is not usable: given "${given ?? ''}", allowed is redis or postgresql.`);
    process.exit(78);
  }
  env.TEST_QUEUE = given;
}

const chosen = projects.length > 0 ? projects : EVERYDAY;
const wantsServer = chosen.some((project) => project !== 'unit');
if (wantsServer) {
  const build = fileURLToPath(new URL('build-if-needed.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [build], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
const server = wantsServer ? await startTestServer() : undefined;
if (server) env.TEST_POSTGRES = server.connectionString;

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const child = spawn(process.execPath, [jest, ...args, '--passWithNoTests', '--selectProjects', ...chosen], {
  stdio: 'inherit',
  env,
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', async (code) => {
  await server?.stop();
  process.exit(code ?? 1);
});
