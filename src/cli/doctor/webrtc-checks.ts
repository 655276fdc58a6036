import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import os from 'node:os';
import type { Config, WebRtcConfig } from '../../config/schema.js';
import { chooseEngine } from '../../publish/engine-choice.js';
import type { EngineLog, WebRtcEngine } from '../../publish/webrtc-engine.js';
import { broken, brokenBy, doubtful, fine, type Finding } from './finding.js';

const SILENT: EngineLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Ports of a range that are tried; more are never needed. */
const MOST_TRIED = 1000;

/** Which engine would serve viewers, and whether the ports that it is to use are free. */
export async function checkWebRtc({ webrtc, server }: Pick<Config, 'webrtc' | 'server'>): Promise<Finding[]> {
  const { ports, ...anyPort } = webrtc;
  const { finding, engine } = await checkEngine(anyPort);
  if (!ports) return [finding, fine('webrtc ports', 'any free ones')];
  return [finding, await checkWebRtcPorts(ports, engine, server.maxViewers)];
}

/** The engine that starts here, which is ended again. On any port: those of the configuration may be a running server's. */
async function checkEngine(config: WebRtcConfig): Promise<{ finding: Finding; engine: WebRtcEngine['name'] }> {
  const check = 'webrtc';
  try {
    const { engine, why, remedy } = await chooseEngine(config, true, SILENT);
    await engine.close();
    return { finding: remedy === '' ? fine(check, why) : doubtful(check, why, remedy), engine: engine.name };
  } catch (thrown) {
    return { finding: brokenBy(check, thrown), engine: 'mediasoup' };
  }
}

/** Whether enough of the ports are free: one a viewer for werift, one a worker by UDP and TCP for mediasoup. */
export async function checkWebRtcPorts(
  [first, last]: readonly [number, number],
  engine: WebRtcEngine['name'],
  maxViewers: number,
): Promise<Finding> {
  const check = 'webrtc ports';
  const count = last - first + 1;
  if (count < 1) return broken(check, `webrtc.ports end before they begin: ${first} to ${last}`, 'swap them');
  const isMediasoup = engine === 'mediasoup';
  const needed = isMediasoup ? os.availableParallelism() : maxViewers;
  const wanted = isMediasoup ? `${needed} workers` : `up to ${needed} viewers of a stream`;
  const taken: number[] = [];
  for (let port = first; port <= last && port < first + MOST_TRIED; port++) {
    if (!(await isFreeUdp(port)) || (isMediasoup && !(await isFreeTcp(port)))) taken.push(port);
  }
  const free = count - taken.length;
  const found = `${first} to ${last}, ${taken.length === 0 ? 'all free' : `${taken.length} in use (${taken[0]} is the first)`}`;
  if (free >= needed) return fine(check, found);
  const remedy = taken.length === 0 ? 'widen webrtc.ports' : 'nothing, if an Afterglow runs; else widen webrtc.ports';
  return doubtful(check, `${found}; ${free} for ${wanted}`, remedy);
}

async function isFreeUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function isFreeTcp(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
