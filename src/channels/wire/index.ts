export * from './multipart.js';
export * from './outcome-table.js';
export * from './read-json.js';
export * from './scrub.js';
