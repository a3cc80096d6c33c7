/** `npm run check`: every `check:*` of package.json, all of them even when one fails, and one line for each at the end. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const parts = Object.keys(scripts).filter((name) => name.startsWith('check:'));

const results = parts.map((name) => {
  console.log(`\n── ${name}: ${scripts[name]}`);
  return { name, ok: spawnSync('npm', ['run', '--silent', name], { stdio: 'inherit' }).status === 0 };
});

console.log('');
for (const { name, ok } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
