/**
 * The import arrow (docs/architecture.md), as rules. Type-only imports count too.
 *
 * The rooms of the core in their order: each may use what stands to its left, and nothing to its right.
 */
const ROOMS = ['access', 'gateway', 'media', 'template', 'dialog', 'delivery', 'usage', 'bot', 'inbox', 'api'];

/** What every room stands on. */
const GROUND = ['contract', 'platform'];

/** What belongs to no network: every channel may see it. */
const SHARED = 'wire';

/** Which channels a channel, or a gateway type, may see. Who is not listed sees none. */
const CHANNELS_OF = {
  whatsapp: ['graph'],
  page: ['graph'],
  facebook: ['graph', 'page'],
  instagram: ['graph', 'page'],
  messenger: ['graph', 'page', 'whatsapp', 'facebook', 'instagram'],
  dialog360: ['graph', 'whatsapp'],
};

/** What carries the core and must not be seen in a channel: frameworks, databases, queues, HTTP, and Node's own effects. */
const NOT_IN_CHANNELS = [
  '^node_modules/(@nestjs|@bull-board)/',
  '^node_modules/(typeorm|pg|pg-pool|bullmq|ioredis|express|undici|axios|pino|pino-http|prom-client|busboy|@aws-sdk)/',
  '^(node:)?(http|https|http2|net|tls|dgram|dns|dns/promises|fs|fs/promises|child_process|cluster|worker_threads)$',
];

/** The files that put the parts together. Nothing imports them. */
const COMPOSITION = '^src/([^/]+\\.ts|demo/|embedding/)';

const only = (...folders) => `^src/(?!(${folders.join('|')})/)`;

const rooms = ROOMS.map((room, place) => ({
  name: `arrow-${room}`,
  comment: `${ROOMS.join(' ← ')}: each room uses only what stands to its left`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: only(...GROUND, ...ROOMS.slice(0, place + 1)) },
}));

/** One rule per pair of a channel and what it may see; the last one is for every channel that is not listed. */
const channels = [
  ...Object.entries(CHANNELS_OF).map(([channel, seen]) => ({
    name: `channel-${channel}`,
    comment: `channels/${channel} sees of the other channels only: ${seen.join(', ')}`,
    severity: 'error',
    from: { path: `^src/channels/${channel}/` },
    to: { path: `^src/channels/(?!(${[channel, SHARED, ...seen].join('|')})/)` },
  })),
  {
    name: 'channel-alone',
    comment: 'a channel sees no other channel',
    severity: 'error',
    from: { path: '^src/channels/([^/]+)/', pathNot: `^src/channels/(${Object.keys(CHANNELS_OF).join('|')})/` },
    to: { path: '^src/channels/', pathNot: `^src/channels/($1|${SHARED})/` },
  },
];

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'two files that run each other are one file, or need a third (types alone may point both ways)',
      severity: 'error',
      from: { path: '^(src|test|bench)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      comment: 'an import that leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'contract-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/contract/' },
      to: { path: only('contract') },
    },
    {
      name: 'contract-is-types-only',
      comment: 'types and constants only: no Nest, no TypeORM, no queue, no package at all',
      severity: 'error',
      from: { path: '^src/contract/', pathNot: '\\.(spec|fixture)\\.ts$' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'core'] },
    },
    {
      name: 'platform-sees-only-contract',
      comment: 'platform stands on contract alone, and opens the database with the migrations',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: only('platform', 'contract', 'migrations') },
    },
    {
      name: 'migrations-import-nothing-of-ours',
      comment: 'a migration says what was true on its day; it must not change with the code',
      severity: 'error',
      from: { path: '^src/migrations/' },
      to: { path: only('migrations') },
    },
    ...rooms,
    {
      name: 'channels-see-only-contract',
      comment: 'a channel knows a network, and of us only the contract',
      severity: 'error',
      from: { path: '^src/channels/', pathNot: '\\.(spec|fixture)\\.ts$' },
      to: { path: only('contract', 'channels') },
    },
    {
      name: 'channels-are-tested-with-the-kit',
      comment: 'the tests of a channel see the contract, and the kit that asks for it',
      severity: 'error',
      from: { path: '^src/channels/.*\\.(spec|fixture)\\.ts$' },
      to: { path: only('contract', 'channels', 'testing') },
    },
    {
      name: 'the-kit-sees-only-contract',
      comment: 'the contract kit is for channels of anybody, and knows none',
      severity: 'error',
      from: { path: '^src/testing/' },
      to: { path: only('contract', 'testing') },
    },
    {
      name: 'the-kit-needs-nothing',
      comment: 'it runs in any test runner: no package at all',
      severity: 'error',
      from: { path: '^src/testing/', pathNot: '\\.(spec|fixture)\\.ts$' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'core'] },
    },
    {
      name: 'nothing-of-the-product-runs-the-kit',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/|\\.(spec|fixture)\\.ts$' },
      to: { path: '^src/testing/' },
    },
    {
      name: 'channels-are-pure',
      comment:
        'no Nest, TypeORM, BullMQ, Express or pg in a channel; it reaches the network through the http it is handed',
      severity: 'error',
      from: { path: '^src/channels/', pathNot: '\\.(spec|fixture)\\.ts$' },
      to: { path: NOT_IN_CHANNELS },
    },
    ...channels,
    {
      name: 'only-app-module-names-channels',
      comment: 'adding a channel is one folder, and one line in app.module.ts',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(channels/|app\\.module\\.ts$)' },
      to: { path: '^src/channels/' },
    },
    {
      name: 'simulator-imports-nothing-of-ours',
      comment: 'so that it cannot repeat our misreadings of Meta',
      severity: 'error',
      from: { path: '^src/simulator/' },
      to: { path: only('simulator') },
    },
    {
      name: 'only-the-demo-runs-the-simulator',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(simulator|demo)/' },
      to: { path: '^src/simulator/' },
    },
    {
      name: 'nothing-imports-the-composition',
      comment: 'main, the modules of the app, migrate and the demo stand above the rooms',
      severity: 'error',
      from: { path: '^src/', pathNot: COMPOSITION },
      to: { path: COMPOSITION },
    },
    {
      name: 'typeorm-stays-in-its-places',
      comment: 'only entities, repositories, platform/database and migrations import TypeORM',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.(entity|repository)\\.ts$|^src/platform/database/|^src/migrations/)' },
      to: { path: '^node_modules/typeorm/' },
    },
    {
      name: 'no-dev-packages-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(spec|fixture)\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'what is imported is in package.json',
      severity: 'error',
      from: { path: '^(src|test|bench|scripts)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { path: '^(src|bench|scripts)/', pathNot: '\\.(spec|fixture)\\.ts$' },
      to: { path: '(\\.(spec|fixture)\\.ts$|^test/)', pathNot: '^test/support/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // The last one imports the package by its name, as a host does; scripts/test-package.mjs compiles and runs it.
    exclude: { path: '^(dist|dist-bench|coverage|data|test/package)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
