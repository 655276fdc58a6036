// npm run fuzz: corrupt files as inputs of streams, and hostile requests, against the real program, while a healthy stream
// must go on. --files 1000 --requests 10000 --seed 1.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import type { PublishedStatus } from '../../src/server/published-stream.js';
import { RunningAfterglow } from '../running-afterglow.js';
import { CameraClips } from './fault-scene.js';
import { corruptFile, soundClips } from './hostile-files.js';
import { hostileRequest, offence, sendRaw, sendToSocket } from './hostile-requests.js';
import { seededRandom } from './random-source.js';

const values = new Command('npm run fuzz --')
  .description(
    'Gives corrupt files and hostile requests to the real program; a healthy stream must go on all the while.',
  )
  .option('--files <n>', 'corrupt files', '1000')
  .option('--requests <n>', 'hostile requests', '10000')
  .option('--seed <n>', 'of what is made at random', '1')
  .parse()
  .opts<{ files: string; requests: string; seed: string }>();
const [files, requests] = [Number(values.files), Number(values.requests)];
const random = seededRandom(Number(values.seed));

/** Corrupt files at a time, and how long one may serve, in milliseconds: what plays is good enough by then. */
const AT_A_TIME = 4;
const LONGEST = 6000;
const REQUESTS_AT_A_TIME = 8;

const clips = new CameraClips();
const sound = soundClips(clips.folder);
const config = path.join(clips.folder, 'fuzz.yaml');
const healthy = { id: 'healthy', input: clips.clip(640, 360), pipeline: 'passthrough' };
const server = { inputFolders: [clips.folder], maxRequestsPerMinute: 1_000_000 };
writeFileSync(config, JSON.stringify({ server, streams: [healthy] }));
const program = await RunningAfterglow.start(['--config', config, '--log-level', 'error']);
const port = Number(new URL(program.address).port);
const begin = await program.statusWhere(({ totals }) => (totals?.decoded ?? 0) > 15, 'healthy');
const start = performance.now();
const complaints: string[] = [];

const outcomes = new Map<string, number>();
const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

function api(method: string, where: string, body?: object): Promise<Response> {
  const headers: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
  return fetch(program.address + where, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
}

/** Lets a stream of its own open a corrupt file, until it plays, fails, or takes too long. */
async function tryFile(number: number, lane: number): Promise<void> {
  const id = `corrupt-${lane}`;
  const file = path.join(clips.folder, `corrupt-${number}.bin`);
  corruptFile(sound, file, random);
  const added = await api('POST', 'api/streams', { id, input: file, pipeline: 'passthrough' });
  if (added.status !== 201) {
    complaints.push(`file ${number}: the stream could not be added: ${added.status} ${await added.text()}`);
    return;
  }
  const deadline = performance.now() + LONGEST;
  let status: PublishedStatus;
  do {
    await new Promise((resolve) => setTimeout(resolve, 50));
    status = await program.status(id);
  } while (
    performance.now() < deadline &&
    status.restarts === 0 &&
    (status.state.kind === 'starting' || status.state.kind === 'reconnecting') &&
    (status.totals?.decoded ?? 0) === 0
  );
  count(status.restarts > 0 ? `restarted (${status.lastRestart?.reason ?? '?'})` : status.state.kind);
  const error = status.state.kind === 'failed' || status.state.kind === 'reconnecting' ? status.state.error : null;
  if (error?.code === 'internal') complaints.push(`file ${number}: an unexpected error: ${error.message}`);
  await api('DELETE', `api/streams/${id}`);
}

let next = 0;
await Promise.all(
  Array.from({ length: AT_A_TIME }, async (_, lane) => {
    while (next < files && program.process.exitCode === null) {
      const number = next++;
      await tryFile(number, lane);
      if (number % 50 === 49) {
        const elapsed = (performance.now() - start) / 1000;
        const left = (elapsed / (number + 1)) * (files - number);
        console.error(`${number + 1}/${files} files, ${elapsed.toFixed(0)} s, about ${left.toFixed(0)} s left`);
      }
    }
  }),
);

const statuses = new Map<number, number>();
let sent = 0;
await Promise.all(
  Array.from({ length: REQUESTS_AT_A_TIME }, async () => {
    while (sent < requests && program.process.exitCode === null) {
      const number = sent++;
      if (number % 20 === 0) {
        await sendToSocket(program.address, random);
        continue;
      }
      const request = hostileRequest(random);
      // The healthy stream is not theirs to remove or change: whoever may control it may do so.
      const spares = (request.path.split('?')[0] ?? '').endsWith('healthy') && /^(DELETE|PATCH)$/.test(request.method);
      const { status, text } = await sendRaw(port, spares ? { ...request, method: 'GET' } : request);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const found = offence(status, text);
      if (found !== null) complaints.push(`request ${number}: ${found}: ${request.method} ${request.path.slice(0, 80)}: ${text.slice(-200)}`); // prettier-ignore
      if (number % 1000 === 999) console.error(`${number + 1}/${requests} requests`);
    }
  }),
);

const alive = program.process.exitCode === null;
if (!alive) {
  complaints.push('the supervisor died');
} else {
  const end = await program.status('healthy');
  const seconds = (performance.now() - start) / 1000;
  const pictures = (end.totals?.decoded ?? 0) - (begin.totals?.decoded ?? 0);
  console.log(`\nhealthy stream: ${pictures} pictures in ${seconds.toFixed(0)} s (15 a second), ${end.restarts} restarts, ${end.state.kind}`); // prettier-ignore
  if (end.state.kind !== 'live' || end.restarts > 0) complaints.push('the healthy stream was touched');
  if (pictures < 0.9 * 15 * seconds) complaints.push('the healthy stream lost pictures');
}
const outcome = await program.stop();
if (/\n\s+at .+:\d+:\d+/.test(outcome.output)) complaints.push('the log holds a stack trace');
clips.remove();
const listed = <Key>(map: ReadonlyMap<Key, number>): string =>
  [...map].map(([key, times]) => `${String(key)}: ${times}`).join(', ');
console.log(`${files} corrupt files: ${listed(outcomes)}`);
console.log(`${requests} hostile requests, by status (0: closed): ${listed(statuses)}`);
for (const complaint of complaints.slice(0, 50)) console.log(`FAILED ${complaint}`);
console.log(complaints.length === 0 ? 'passed' : `${complaints.length} complaints`);
process.exitCode = complaints.length > 0 ? 1 : 0;
