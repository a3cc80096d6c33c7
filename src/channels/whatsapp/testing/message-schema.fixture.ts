import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { type Content, degrade } from '../../../contract/index.js';
import { capabilities } from '../capabilities.js';
import { check } from '../check.js';

const schema = JSON.parse(readFileSync(new URL('../schemas/message.json', import.meta.url), 'utf8')) as object;
const validate = new Ajv2019({ strict: true, strictRequired: false, strictTypes: false }).compile(schema);

/** What Meta's documentation says against a body; empty: nothing. */
export function schemaErrors(body: unknown): readonly string[] {
  return validate(JSON.parse(JSON.stringify(body)))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

/** As the core does it before a message is taken: what is shown, and what speaks against it. */
export function judge(given: unknown): {
  readonly shown: Content;
  readonly notes: readonly string[];
  readonly problems: string[];
} {
  const { content: shown, notes } = degrade(given as Content, capabilities);
  const problems = check(shown).map(({ path, code, message }) => `${path} ${code}: ${message}`);
  return { shown, notes, problems };
}
