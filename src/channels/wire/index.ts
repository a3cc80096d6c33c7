export * from './multipart.js';
export * from './read-json.js';
export * from './scrub.js';
