export * from './api-client.js';
export * from './multipart.js';
export * from './outcome-table.js';
export * from './read-json.js';
export * from './scrub.js';
export * from './signature.js';
export * from './text-problems.js';
