import { spawn } from 'node:child_process';
import { programEnvironment } from './run-program.js';

/**
 * The server has a session of its own, so a gateway that is killed would leave it running for ever. A shell waits at the
 * end of a pipe that only the gateway holds: however the gateway dies, the pipe closes and the shell stops the server.
 */
export function stopWithGateway(pid: number, exited: Promise<unknown>): void {
  if (process.platform === 'win32') return; // the next start stops it there
  const watchdog = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'patchbay-watchdog', String(pid)], {
    env: programEnvironment(),
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.on('error', () => undefined); // no shell, no watchdog: the next start stops the server
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  if ('unref' in watchdog.stdin && typeof watchdog.stdin.unref === 'function') watchdog.stdin.unref();
  void exited.then(() => watchdog.kill('SIGKILL')); // before the pid can belong to somebody else
}
