/**
 * Unit tests stand beside the code; whole-app suites live in test/. All run the TypeScript as it is, through swc.
 * `npm test` runs everything but `faults` (scripts/test.mjs).
 */
const common = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@nestjs/throttler$': '<rootDir>/test/support/throttler.ts',
  },
  transform: { '^.+\\.ts$': ['@swc/jest'] },
};

/** A suite of its own folder under test/. */
const wholeApp = (name) => ({ ...common, displayName: name, testMatch: [`<rootDir>/test/${name}/**/*.test.ts`] });

export default {
  // A test that hangs is to end some time; how long it may take, a busy machine decides.
  testTimeout: 180_000,
  testSequencer: '<rootDir>/test/support/sequencer.js',
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    wholeApp('integration'),
    wholeApp('acceptance'),
    wholeApp('embedding'),
    wholeApp('faults'),
  ],
};
