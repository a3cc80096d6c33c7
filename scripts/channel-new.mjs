/**
 * Lays out the folder of a new channel: `npm run channel:new <name>`. What comes out compiles, is registered, and fails its contract
 * suite, whose messages say what to fill in (docs/channels.md).
 */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';

const home = dirname(dirname(fileURLToPath(import.meta.url)));

function refuse(message) {
  console.error(message);
  process.exit(78);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { root: { type: 'string', default: home } },
});
const [name = ''] = positionals;
/** Where the project is; another place is for the test of this script. */
const { root } = values;
const channels = join(root, 'src', 'channels');
const appModule = join(root, 'src', 'app.module.ts');

if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
  refuse(
    `The name is not usable: given "${name}", allowed are lower-case letters and digits, with - between words. Example: npm run channel:new my-chat`,
  );
}
const folder = join(channels, name);
if (existsSync(folder))
  refuse(`There is a channel ${name} already: ${relative(root, folder)}. Take another name, or delete the folder.`);
const camel = name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());

const source = readFileSync(appModule, 'utf8');
const list = /(export function gatewayTypes\([^]*?return \[)([^]*?)(\n?\s*\];)/.exec(source);
const imports = [...source.matchAll(/^import .* from '\.\/channels\/[^']+';$/gm)].at(-1);
if (!list || !imports) {
  refuse(`${relative(root, appModule)} has no function gatewayTypes with a list to add to: nothing was made.`);
}
if (new RegExp(`\\b${camel}\\b`).test(source))
  refuse(`${relative(root, appModule)} already has something called ${camel}. Take another name.`);

async function pretty(path, text) {
  writeFileSync(path, await format(text, { ...(await resolveConfig(join(home, 'package.json'))), filepath: path }));
}

cpSync(join(home, 'scripts', 'channel-template'), folder, { recursive: true });
try {
  for (const file of readdirSync(folder, { recursive: true })) {
    const path = join(folder, file);
    if (!path.endsWith('.tpl')) continue;
    const made = path.slice(0, -'.tpl'.length);
    renameSync(path, made);
    await pretty(made, readFileSync(made, 'utf8').replaceAll('__name__', name).replaceAll('__camel__', camel));
  }
  const [whole, before, types, end] = list;
  const registered = source
    .replace(whole, () => `${before}${types.replace(/,?\s*$/, '')}, ${camel}${end}`)
    .replace(imports[0], () => `${imports[0]}\nimport { ${camel} } from './channels/${name}/index.js';`);
  await pretty(appModule, registered);
} catch (error) {
  rmSync(folder, { recursive: true, force: true });
  throw error;
}

console.log(`src/channels/${name} is laid out, and registered in src/app.module.ts.

Next:
  1. Put webhook bodies of the network into src/channels/${name}/payloads, and run
       npm test -- unit channels/${name}
     Each check that fails says what to fill in, and where it is documented.
  2. docs/channels.md goes through it in order.
  3. npm run check before you commit.`);
