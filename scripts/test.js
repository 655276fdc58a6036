// npm test: everything, as CI runs it. Builds, checks types and style, then runs unit and system tests against a real
// RTSP server and a real browser, and the tests of the training code where PyTorch is installed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.js';
import { provideWorker, WorkerRefusal } from './webrtc-worker.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Debian's packages of the peers that system tests talk to, and how each shows that it is there. */
const PEERS = [
  { packages: ['redis-server'], found: () => succeeds('redis-server', ['--version']) },
  { packages: ['chromium'], found: () => ['/usr/bin/chromium', '/usr/bin/google-chrome'].some(existsSync) },
  { packages: ['openssl'], found: () => succeeds('openssl', ['version']) },
  // FFmpeg's own tools make the films of tests, and say what came out, without Afterglow's code.
  { packages: ['ffmpeg'], found: () => ['/usr/bin/ffmpeg', '/usr/bin/ffprobe'].every(existsSync) },
  {
    packages: [
      'gstreamer1.0-rtsp',
      'gir1.2-gst-rtsp-server-1.0',
      'python3-gi',
      'gstreamer1.0-plugins-good',
      'gstreamer1.0-plugins-bad',
      'gstreamer1.0-plugins-ugly',
      'gstreamer1.0-nice',
      'gir1.2-gst-plugins-bad-1.0',
    ],
    found: () =>
      existsSync('/usr/bin/python3') &&
      succeeds('/usr/bin/python3', [
        '-c',
        [
          'import gi',
          'gi.require_version("GstRtspServer", "1.0")',
          'gi.require_version("GstWebRTC", "1.0")',
          'from gi.repository import Gst, GstRtspServer, GstWebRTC',
          'Gst.init(None)',
          'elements = ["h264parse", "h265parse", "rtph264pay", "qtdemux", "webrtcbin", "nicesrc", "openh264dec", "x264enc"]',
          'assert all(map(Gst.ElementFactory.find, elements))',
        ].join('\n'),
      ]),
  },
];

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Runs a step with its output on the terminal; ends everything if it fails. */
function step(title, command, args, options = {}) {
  console.log(`\n== ${title}`);
  const start = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (status !== 0) {
    console.error(`\nafterglow: ${title} failed${error ? `: ${error.message}` : ''}`);
    process.exit(status ?? 1);
  }
  console.log(`== ${title}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
}

/** The command line of a tool from npm. */
function tool(name, script, args) {
  return [process.execPath, [path.join(root, 'node_modules', name, script), ...args]];
}

/** Runs steps after one another, and such rows beside each other; what a step prints comes at its end. Ends everything if one fails. */
async function rows(...rowsOfSteps) {
  await Promise.all(
    rowsOfSteps.map(async (steps) => {
      for (const [title, [command, args]] of steps) {
        const start = Date.now();
        const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
        let printed = '';
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
        const [status] = await once(child, 'close');
        console.log(`\n== ${title}\n${printed}== ${title}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
        if (status === 0) continue;
        console.error(`\nafterglow: ${title} failed`);
        process.exit(status ?? 1);
      }
    }),
  );
}

/** As root on Debian the peers are installed; anybody else is told what to install. */
function installPeers() {
  const missing = PEERS.filter(({ found }) => !found()).flatMap(({ packages }) => packages);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(
      `afterglow: the tests talk to a real browser, a real RTSP server and FFmpeg's tools; install them first:\n  ${command}`,
    );
    process.exit(1);
  }
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  };
  step('package lists', 'apt-get', ['update', '-q'], options);
  step(`test peers (${missing.join(', ')})`, 'apt-get', command.split(' ').slice(1), options);
}

/**
 * Half of the WebRTC tests need mediasoup's worker. Where it is not there it is built if that needs nobody's help: as root on
 * Debian, as in CI. Elsewhere these tests are left out, and that is said.
 */
async function provideWebRtcWorker() {
  const title = 'worker of mediasoup';
  console.log(`\n== ${title}`);
  const start = Date.now();
  try {
    await provideWorker({ installPackages: true });
    console.log(`== ${title}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
    return true;
  } catch (error) {
    console.log(error.message);
    if (error instanceof WorkerRefusal) return false;
    process.exit(1);
  }
}

/** Tests of the training code need PyTorch, which nobody needs to run Afterglow. */
function testTraining() {
  const python = process.env.AFTERGLOW_PYTHON ?? 'python3';
  if (!succeeds(python, ['-c', 'import torch, onnx, onnxruntime, numpy, cv2'])) {
    console.log(
      `\nNOT RUN: tests of models/training, as ${python} has no PyTorch, ONNX and OpenCV (see models/training)`,
    );
    return;
  }
  step('tests of models/training', python, ['-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'], {
    cwd: path.join(root, 'models', 'training'),
  });
}

if (!existsSync(path.join(root, 'node_modules')) || readdirSync(path.join(root, 'node_modules')).length === 0) {
  console.error('afterglow: run "npm ci" first');
  process.exit(1);
}
installPeers();
build();
const withMediasoup = await provideWebRtcWorker();
const notRun = '\nNOT RUN: WebRTC tests with mediasoup, as its worker is not there ("npm run webrtc:worker" gets it)';
if (!withMediasoup) console.log(notRun);
await rows(
  [['eslint', tool('eslint', 'bin/eslint.js', ['.', '--max-warnings', '0'])]],
  [
    ['types of the program and its tests', tool('typescript', 'bin/tsc', ['-p', 'tsconfig.tests.json'])],
    ['types of the viewer page', tool('typescript', 'bin/tsc', ['-p', 'web-viewer'])],
    ['prettier', tool('prettier', 'bin/prettier.cjs', ['--check', '--log-level', 'warn', '.'])],
  ],
);
step('unit and system tests', ...tool('vitest', 'vitest.mjs', ['run']));
testTraining();
if (!withMediasoup) console.log(notRun);
console.log('\nafterglow: all tests passed');
