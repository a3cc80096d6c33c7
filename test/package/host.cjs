/** A host in CommonJS: `require` of an ES module works from Node 20.19 on, `import()` everywhere. */
const assert = require('node:assert/strict');
const { CONTRACT_VERSION, PatchbayModule } = require('patchbay');
const { Patchbay } = require('patchbay');

assert.equal(typeof PatchbayModule.forRoot, 'function');
assert.equal(require('patchbay/contract').CONTRACT_VERSION, CONTRACT_VERSION);
import('patchbay').then((imported) => {
  // One and the same: what a host has injected by one it finds by the other.
  assert.equal(imported.Patchbay, Patchbay);
  assert.equal(require('@nestjs/core').HttpAdapterHost.name, 'HttpAdapterHost');
  console.log('a CommonJS host has Patchbay');
});
