import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Config } from '../../config/schema.js';
import { readTlsFiles } from '../../server/tls-files.js';
import { TokenList } from '../../server/token-list.js';
import { broken, brokenBy, doubtful, fine, type Finding } from './finding.js';

const NODE = [20, 19] as const;
/** No clock is right that is before this version was made. */
const EARLIEST = Date.UTC(2025, 0, 1);
const GB = 1e9;
/** Free space under the temporary folder that HLS of a stream needs, in bytes. */
const HLS_BYTES = 30e6;

/** Whether this Node is new enough. */
export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  if (enough) return fine('node', `Node ${version}`);
  return broken('node', `Node ${version} is older than ${NODE.join('.')}`, 'install a newer Node');
}

/** Memory and cores, against what the streams may take. */
export function checkMachine({ streams }: Pick<Config, 'streams'>): Finding {
  const [total, cores] = [os.totalmem(), os.availableParallelism()];
  const found = `${cores} cores, ${(total / GB).toFixed(1)} GB of memory, ${(os.freemem() / GB).toFixed(1)} GB free`;
  const limits = streams.reduce((sum, { memoryLimit }) => sum + memoryLimit * 1e6, 0);
  if (limits > total) {
    const needed = `${found}; the memory limits of the streams add up to ${(limits / GB).toFixed(1)} GB`;
    return doubtful('machine', needed, 'lower memoryLimit of the streams, so that none can starve the others');
  }
  return fine('machine', found);
}

/** The clock, by which recordings are named and gates keep their times. */
export function checkClock({ streams }: Pick<Config, 'streams'>): Finding {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const found = `${new Date().toISOString()}, time zone ${timeZone}`;
  if (Date.now() < EARLIEST) return broken('clock', found, 'set the clock; recordings are named by it');
  const scheduled = streams.filter(({ gate }) => gate.mode === 'schedule').map(({ id }) => id);
  if (scheduled.length > 0 && timeZone === 'UTC') {
    const sentence = `${found}; the schedules of ${scheduled.join(', ')} are in it`;
    return doubtful('clock', sentence, 'set the time zone (TZ) if the schedules mean another one');
  }
  return fine('clock', found);
}

/** Tokens and certificate of the configuration. */
export function checkAccess({ server }: Pick<Config, 'server'>): Finding[] {
  const findings: Finding[] = [];
  try {
    const { size } = new TokenList(server);
    findings.push(fine('tokens', size === 0 ? 'none: for this machine alone' : `${size} known`));
  } catch (thrown) {
    findings.push(brokenBy('tokens', thrown));
  }
  if (!server.tls) return findings;
  try {
    readTlsFiles(server.tls);
    findings.push(fine('tls', 'certificate and key fit'));
  } catch (thrown) {
    findings.push(brokenBy('tls', thrown));
  }
  return findings;
}

/** Whether the HTTP port is free. */
export async function checkPort({ host, port }: Config['server']): Promise<Finding> {
  const check = 'http port';
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    return fine(check, port === 0 ? 'any free one' : `${port} at ${host} is free`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && (await isAfterglow(host, port))) {
      return doubtful(check, `${port} at ${host} is served by an Afterglow that runs`, 'nothing, if it is this one');
    }
    const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${code ?? 'unknown'})`;
    return broken(check, `${port} at ${host} ${why}`, 'end the other program, or change server.port or server.host');
  } finally {
    server.close();
  }
}

async function isAfterglow(host: string, port: number): Promise<boolean> {
  try {
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    const response = await fetch(`http://${name}:${port}/healthz`, { signal: AbortSignal.timeout(2000) });
    return 'streams' in ((await response.json()) as object);
  } catch {
    return false;
  }
}

/** Whether HLS can be written, with room for the streams. */
export function checkHls({ streams }: Pick<Config, 'streams'>): Finding {
  const check = 'hls folder';
  try {
    rmSync(mkdtempSync(path.join(os.tmpdir(), 'afterglow-doctor-')), { recursive: true });
    const free = freeBytes(os.tmpdir());
    const found = `${os.tmpdir()} has ${(free / GB).toFixed(1)} GB free`;
    if (free > HLS_BYTES * Math.max(1, streams.length)) return fine(check, found);
    return doubtful(check, found, 'make room, or set TMPDIR to a larger volume');
  } catch (error) {
    return broken(check, `${os.tmpdir()} cannot be written to (${(error as Error).message})`, 'set TMPDIR');
  }
}

/** Whether recordings can be written, with room for them. */
export function checkRecordings({ recordings, streams }: Pick<Config, 'recordings' | 'streams'>): Finding {
  const check = 'recordings';
  const recorded = streams.filter(({ recording }) => recording.original || recording.enhanced);
  if (recorded.length === 0) return fine(check, 'none are wanted');
  const folder = path.resolve(recordings.folder);
  let existing = folder;
  while (!existsSync(existing)) existing = path.dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
  } catch {
    return broken(check, `${folder} cannot be written to`, 'change its owner, or recordings.folder');
  }
  const free = freeBytes(existing);
  const found = `${folder} has ${(free / GB).toFixed(1)} GB free`;
  if (free < recordings.minFreeGigabytes * GB) {
    return broken(check, `${found}, less than recordings.minFreeGigabytes`, 'make room, or lower it');
  }
  const wanted = recorded.reduce((sum, { recording }) => sum + recording.keepGigabytes * GB, 0);
  if (wanted > free) {
    const sentence = `${found}; the streams may keep ${(wanted / GB).toFixed(0)} GB`;
    return doubtful(check, sentence, 'lower keepGigabytes; older files are deleted sooner otherwise');
  }
  return fine(check, found);
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
