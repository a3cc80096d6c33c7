import { spawn, type SpawnOptions } from 'node:child_process';

/** A program as it is to be spawned: with its launcher, and as which user. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

export interface ProgramResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** What it complained about, or why it could not be run at all. */
  readonly complaint: string;
}

/**
 * The database's programs get an environment of our making: no secret of the gateway's, no `PG*` variable of the
 * operator's, messages in English because some of them are read here. (What Windows needs, Node adds.)
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const path = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin';
  return { LC_ALL: 'C', TZ: 'UTC', ...(process.platform !== 'win32' && { PATH: path }) };
}

export function spawnOptions(command: Command): SpawnOptions {
  return {
    env: programEnvironment(),
    cwd: '/',
    ...(command.uid !== undefined && { uid: command.uid }),
    ...(command.gid !== undefined && { gid: command.gid }),
  };
}

/** Runs a program to its end. Never throws: that it cannot be run is one of its results. */
export function runProgram(command: Command, input = ''): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(command.file, [...command.args], { ...spawnOptions(command), stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin?.on('error', () => undefined).end(input); // it may end without reading; its exit tells the rest
    child.on('error', (error) => resolve({ ok: false, stdout, complaint: error.message }));
    child.on('close', (code, signal) =>
      resolve({ ok: code === 0, stdout, complaint: stderr.trim() || (signal ? `ended by ${signal}` : `exit ${code}`) }),
    );
  });
}
