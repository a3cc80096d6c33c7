/**
 * `npm run check`: every `check:*` of package.json, all of them even when one fails, and one line for each at the end. They run
 * side by side, a core each; what one says is shown when it has ended.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const parts = Object.keys(scripts).filter((name) => name.startsWith('check:'));
const waiting = [...parts];
const results = new Map();

/** Takes one part after the other until none is left. */
async function work() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) results.set(name, await run(name));
}

function run(name) {
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    child.on('close', (code) => {
      const seconds = ((performance.now() - began) / 1_000).toFixed(0);
      console.log(`\n── ${name}: ${scripts[name]} (${seconds} s)\n${Buffer.concat(said).toString().trimEnd()}`);
      resolve(code === 0);
    });
  });
}

await Promise.all(Array.from({ length: availableParallelism() }, work));

console.log('');
for (const name of parts) console.log(`${results.get(name) ? 'ok    ' : 'FAILED'} ${name}`);
process.exitCode = [...results.values()].every(Boolean) ? 0 : 1;
