export * from './client.js';
export * from './debug-token.js';
export * from './multipart.js';
export * from './pages.js';
export * from './read-ids.js';
export * from './read-json.js';
export * from './remote-error.js';
export * from './signature.js';
