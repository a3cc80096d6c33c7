export * from '../wire/index.js';
export * from './client.js';
export * from './debug-token.js';
export * from './envelope.js';
export * from './pages.js';
export * from './read-ids.js';
export * from './remote-error.js';
export * from './signature.js';
