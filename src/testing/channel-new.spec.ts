import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCRIPT = join(ROOT, 'scripts', 'channel-new.mjs');
const copy = mkdtempSync(join(tmpdir(), 'patchbay-channel-new-'));
const appModule = join(copy, 'src', 'app.module.ts');

/** Runs a spec without a test runner, and tells what became of each test. */
const RUNNER = {
  'node_modules/@jest/globals/package.json': '{"type": "module", "exports": "./index.js"}',
  'node_modules/@jest/globals/index.js': `
    export const tests = [];
    export const describe = (_, inside) => inside();
    export const it = (name, run) => tests.push({ name, run });
    export const expect = () => ({ toEqual: () => undefined });`,
  'package.json': '{"type": "module"}',
  'run.js': `
    import { tests } from '@jest/globals';
    await import('./src/channels/owl-post/contract.spec.js');
    const said = {};
    for (const { name, run } of tests) said[name] = await Promise.resolve().then(run).then(() => '', (error) => error.message);
    console.log(JSON.stringify(said));`,
};

const make = (name: string) => spawnSync(process.execPath, [SCRIPT, name, '--root', copy], { encoding: 'utf8' });

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

beforeAll(() => {
  writeFileSync(join(copy, 'package.json'), '{"type": "module"}');
  for (const part of ['contract', 'testing', 'app.module.ts']) {
    cpSync(join(ROOT, 'src', part), join(copy, 'src', part), {
      recursive: true,
      filter: (path) => !path.endsWith('.spec.ts'),
    });
  }
  mkdirSync(join(copy, 'src', 'channels'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('npm run channel:new', () => {
  it('refuses a name that is none, or taken, and changes nothing', () => {
    const before = readFileSync(appModule, 'utf8');
    for (const [name, words] of [
      ['Owl Post', /given "Owl Post", allowed are lower-case letters/],
      ['../owl', /The name is not usable/],
      ['telegram', /already has something called telegram/],
    ] as const) {
      const { status, stderr } = make(name);
      expect([status, stderr]).toEqual([78, expect.stringMatching(words)]);
    }
    expect(readFileSync(appModule, 'utf8')).toBe(before);
    expect(readdirSync(join(copy, 'src', 'channels'))).toEqual([]);
  });

  it('lays out a channel that is registered and compiles', () => {
    const { status, stdout } = make('owl-post');
    expect([status, stdout]).toEqual([0, expect.stringContaining('npm test -- unit channels/owl-post')]);
    const source = readFileSync(appModule, 'utf8');
    expect(source).toContain("import { owlPost } from './channels/owl-post/index.js';");
    expect(source.replace(/\s+/g, ' ')).toMatch(/telegram,[^\]]* owlPost,? \];/);

    const folder = join(copy, 'src', 'channels', 'owl-post');
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
    const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
      config: { compilerOptions: object };
    };
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, copy);
    const program = ts.createProgram(
      files.map((name) => join(folder, name)),
      options,
    );
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(problems).toEqual([]);
    expect(make('owl-post').stderr).toMatch(/There is a channel owl-post already/);
  });

  it('fails the kit, with instructions', () => {
    const there = join(copy, 'run');
    for (const [path, text] of Object.entries(RUNNER)) write(join(there, path), text);
    for (const part of ['contract', 'testing', 'channels']) {
      for (const path of readdirSync(join(copy, 'src', part), { recursive: true, encoding: 'utf8' })) {
        if (!path.endsWith('.ts')) continue;
        const { code } = transformFileSync(join(copy, 'src', part, path), { configFile: join(ROOT, '.swcrc') });
        write(join(there, 'src', part, path.replace(/\.ts$/, '.js')), code);
      }
    }
    mkdirSync(join(there, 'src', 'channels', 'owl-post', 'payloads'));
    const said = JSON.parse(execFileSync(process.execPath, [join(there, 'run.js')], { encoding: 'utf8' })) as Record<
      string,
      string
    >;
    const failed = Object.entries(said).filter(([, message]) => message !== '');
    expect(failed.map(([name]) => name)).toEqual([
      'owl-post: accepts what the network signed',
      'owl-post: refuses what is unsigned',
      'owl-post: refuses what is forged',
      'owl-post: reads every sample payload',
      'owl-post: sends every type of content that it declares, and no other',
      'owl-post: lets nothing through that is beyond its declared limits',
      'owl-post: renders all that people see, and no longer than it declares',
      'owl-post: reports a message as accepted, with an id',
      'owl-post: knows a message that never left from one that may have arrived',
      'owl-post: judges answers that are nobody’s word without throwing',
    ]);
    const sections = new Set(
      [...readFileSync(join(ROOT, 'docs', 'channels.md'), 'utf8').matchAll(/^## (.+)$/gm)].map(([, title]) =>
        (title ?? '').toLowerCase().replaceAll(' ', '-'),
      ),
    );
    for (const [, message] of failed) {
      const [, section] = /\nTo do: .+\nMore: docs\/channels\.md#([a-z-]+)$/.exec(message) ?? [];
      expect(sections).toContain(section);
    }
  });
});
