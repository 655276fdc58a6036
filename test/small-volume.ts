import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A volume of a few megabytes, in memory, that can be filled up. */
export class SmallVolume {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Null where mounting is not permitted; that is printed, as the test that needs it cannot run. */
  static mount(megabytes: number, test: string): SmallVolume | null {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-volume-'));
    const args = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder];
    if (spawnSync('mount', args, { stdio: 'ignore' }).status === 0) return new SmallVolume(folder);
    rmdirSync(folder);
    console.log(`NOT RUN: ${test}, as a volume may not be mounted here (it needs root)`);
    return null;
  }

  /** Takes all room that is left. */
  fill(): void {
    const chunk = Buffer.alloc(64 << 10, 1);
    for (const size of [chunk.length, 4096]) {
      try {
        for (;;) writeFileSync(path.join(this.folder, 'filler'), chunk.subarray(0, size), { flag: 'a' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  }

  /** Gives the room back that `fill` took. */
  empty(): void {
    rmSync(path.join(this.folder, 'filler'), { force: true });
  }

  unmount(): void {
    spawnSync('umount', ['-l', this.folder], { stdio: 'ignore' });
    rmdirSync(this.folder);
  }
}
