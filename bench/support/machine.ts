import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

/** What a number from this machine is worth without: nothing. */
export function describeMachine(dataDir: string): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = loadavg()[0]?.toFixed(2) ?? '?';
  return [
    `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${memory}, ${process.platform} ${process.arch}`,
    `Node ${process.versions.node}; data on ${fileSystemOf(dataDir)}; load average before the start ${load}`,
  ].join('\n');
}

function fileSystemOf(folder: string): string {
  try {
    const line = execFileSync('df', ['-T', folder], { encoding: 'utf8' }).trim().split('\n')[1] ?? '';
    const [device = '', type = ''] = line.split(/\s+/);
    return `${type} (${device})`;
  } catch {
    return 'an unknown file system';
  }
}
