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
  testTimeout: 60_000,
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    wholeApp('integration'),
    wholeApp('acceptance'),
    wholeApp('embedding'),
    wholeApp('faults'),
  ],
};
