/** The process's environment: read here, handed to the parser, and touched by nobody else. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}
