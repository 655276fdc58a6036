import { readFileSync } from 'node:fs';

/**
 * The most memory that this process has had, in MiB. Not what the system reports of its resources where it says better: that
 * begins with the memory of the process that started this one.
 */
export function mostMemory(): number {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) / 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}
