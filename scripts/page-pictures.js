// node scripts/page-pictures.js [folder]: makes the pictures of the viewer page for the documentation, on the demo clip and
// a real Chromium. To be run after "npm run build", with Debian's chromium and ffmpeg installed.
import { Buffer } from 'node:buffer';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const DEMO = path.join(root, 'demo', 'night-street.mp4');
const EXECUTABLE = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
const target = path.resolve(process.argv[2] ?? path.join(root, 'docs', 'pictures'));
const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-pictures-'));

/** Cameras that look at parts of the demo street: crop of the clip, and from which second it begins. */
const CAMERAS = [
  { id: 'street', name: 'Main street', crop: '1280:720:0:0', start: 0 },
  { id: 'crossing', name: 'Crossing', crop: '720:405:560:230', start: 3 },
  { id: 'shops', name: 'Shops', crop: '640:360:0:250', start: 5 },
  { id: 'corner', name: 'Corner', crop: '560:315:360:170', start: 7 },
];

/** A clip of what one of the cameras sees. A small machine plays four large ones at a time no more. */
function clipOf({ id, crop, start }, width) {
  const file = path.join(folder, `${id}-${width}.mp4`);
  const filter = `crop=${crop},scale=${width}:${(width * 9) / 16}:flags=lanczos`;
  const video = ['-vf', filter, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-g', '50', '-bf', '0'];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-stream_loop',
    '1',
    '-ss',
    `${start}`,
    '-i',
    DEMO,
    '-t',
    '10',
    ...video,
    '-an',
    file,
  ]);
  return file;
}

/** A film of four shots of the demo street at night. */
function nightFilm() {
  const file = path.join(folder, 'Night walk.mp4');
  const shots = CAMERAS.map(({ crop, start }, i) => {
    const [from, to] = [start / 2, start / 2 + 4];
    return `[0:v]trim=${from}:${to},setpts=PTS-STARTPTS,crop=${crop},scale=960:540:flags=lanczos,setsar=1[s${i}]`;
  });
  const joined = `${CAMERAS.map((_, i) => `[s${i}]`).join('')}concat=n=${CAMERAS.length}[v]`;
  ffmpeg('-i', DEMO, '-filter_complex', [...shots, joined].join(';'), '-map', '[v]', '-crf', '16', file);
  return file;
}

/** A film of the street by day as an old camera would have taken it, and a picture of it at night. */
function otherItems() {
  const film = path.join(folder, 'Market street, reel 1.mp4');
  const pan = "crop=800:576:x='(iw-800)*t/6':y=100";
  const age = 'hue=s=0,eq=gamma=0.9:contrast=1.1,noise=alls=16:allf=t,drawbox=x=557:w=2:h=ih:color=white@0.6:t=fill';
  const still = ['-loop', '1', '-framerate', '24', '-t', '6', '-i', path.join(root, 'demo', 'street-by-day.jpg')];
  ffmpeg(...still, '-vf', `${pan},${age},format=yuv420p`, '-crf', '18', film);
  const picture = path.join(folder, 'Crossing, 3 am.jpg');
  ffmpeg('-ss', '6', '-i', DEMO, '-frames:v', '1', '-vf', 'crop=960:540:200:140', '-q:v', '2', picture);
  return [film, picture];
}

function ffmpeg(...args) {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args]);
}

/** Starts the server with these streams; resolves with its address. */
async function start(streams, options = {}) {
  const config = path.join(folder, 'pictures.yaml');
  writeFileSync(config, JSON.stringify({ streams, ...options }));
  const program = path.join(root, 'dist', 'src', 'cli', 'afterglow.js');
  const running = spawn(process.execPath, [program, 'run', '--port', '0', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const address = await new Promise((resolve, reject) => {
    let output = '';
    const hear = (chunk) => {
      output += chunk;
      const found = /Open (https?:\/\/\S+) in a browser/.exec(output)?.[1];
      if (found) resolve(found);
    };
    running.stdout.on('data', hear);
    running.stderr.on('data', hear);
    running.on('close', () => reject(new Error(output)));
  });
  const stop = () => new Promise((resolve) => running.on('close', resolve) && running.kill('SIGTERM'));
  return { address, stop };
}

/** A page of its own in the browser; phones have fingers and sharper screens. */
async function open(browser, address, { scheme = 'dark', phone = false, height = 800 } = {}) {
  const context = await browser.newContext({
    colorScheme: scheme,
    ...(phone
      ? { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }
      : { viewport: { width: 1280, height } }),
  });
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

/** Waits until the page says of itself what is wanted. */
async function until(page, wanted, argument) {
  await page.waitForFunction(wanted, argument, { polling: 100, timeout: 90_000 });
}
const wallPlays = (page, count) =>
  until(page, (n) => window.afterglow.tiles.filter(({ fps }) => (fps ?? 0) > 5).length >= n, count);
const streamPlays = (page) => until(page, () => window.afterglow.transport === 'webrtc' && window.afterglow.fps > 5);

/** Takes the picture down as WebP; long ones, of phones, at half their size. */
async function take(page, name) {
  const png = await page.screenshot();
  const file = path.join(target, `${name}.webp`);
  const { size } = await sharp(png).webp({ quality: 84, effort: 6 }).toFile(file);
  console.log(`${name}.webp: ${Math.round(size / 1024)} kB`);
}

const VIEWS = {
  'page-wall': async (browser, address) => {
    const page = await open(browser, address);
    await wallPlays(page, 4);
    await take(page, 'page-wall');
  },
  'page-wall-light': async (browser, address) => {
    const page = await open(browser, address, { scheme: 'light' });
    await wallPlays(page, 4);
    await take(page, 'page-wall-light');
  },
  'page-stream': async (browser, address) => {
    const page = await open(browser, `${address}#/street`);
    await streamPlays(page);
    await page.keyboard.press('b');
    await until(page, () => window.afterglow.comparing && window.afterglow.latencyMs !== null);
    await page.waitForTimeout(2500);
    await take(page, 'page-stream');
  },
  'page-stream-light': async (browser, address) => {
    const page = await open(browser, `${address}#/street`, { scheme: 'light', height: 1500 });
    await streamPlays(page);
    await page.keyboard.press('b');
    await until(page, () => window.afterglow.comparing && window.afterglow.latencyMs !== null);
    for (const panel of ['settings', 'details']) await page.locator(`#${panel} > summary`).click();
    await page.waitForTimeout(20_000);
    await take(page, 'page-stream-light');
  },
  'page-lens': async (browser, address) => {
    const page = await open(browser, `${address}#/street`);
    await streamPlays(page);
    await page.keyboard.press('b');
    await until(page, () => window.afterglow.comparing);
    const box = await page.locator('#frame').boundingBox();
    await page.mouse.move(box.x + 0.62 * box.width, box.y + 0.62 * box.height);
    await page.keyboard.press('z');
    await page.waitForTimeout(1500);
    await take(page, 'page-lens');
  },
  'page-regions': async (browser, address) => {
    const page = await open(browser, `${address}#/street`);
    await streamPlays(page);
    await page.locator('#settings > summary').click();
    await page.locator('#edit-regions:enabled').click();
    const box = await page.locator('#frame').boundingBox();
    const at = ([x, y]) => page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    const drag = async (from, to) => {
      await at(from);
      await page.mouse.down();
      await at(to);
      await page.mouse.up();
    };
    await drag([0.08, 0.38], [0.3, 0.72]);
    await drag([0.68, 0.08], [0.92, 0.36]);
    await page.locator('#region-kind').selectOption('untouched');
    await page.evaluate(() => window.scrollTo(0, 0));
    await take(page, 'page-regions');
    await page.locator('#region-cancel').click();
  },
  'page-phone-wall': async (browser, address) => {
    const page = await open(browser, address, { phone: true });
    await wallPlays(page, 4);
    await take(page, 'page-phone-wall');
  },
  'page-phone-stream': async (browser, address) => {
    const page = await open(browser, `${address}#/street`, { phone: true });
    await streamPlays(page);
    await page.locator('#compare').click();
    await until(page, () => window.afterglow.comparing && window.afterglow.latencyMs !== null);
    await page.waitForTimeout(2500);
    await take(page, 'page-phone-stream');
  },
  'page-film': async (browser, address) => {
    const page = await open(browser, `${address}#films`, { height: 1500 });
    await page.locator('#film-file').setInputFiles(nightFilm());
    await page.locator('#film-pipeline').selectOption('night-cctv');
    for (const button of ['#film-whole:enabled', '#film-sample:enabled']) await page.locator(button).click();
    await page.locator('.job[data-kind="done"]').nth(1).waitFor({ timeout: 300_000 });
    // Pictures of shots are asked for when they come into sight.
    await page.locator('.shot').nth(3).waitFor();
    // The new result plays.
    await page.waitForTimeout(2500);
    await take(page, 'page-film');
  },
  'page-phone-film': async (browser, address) => {
    const page = await open(browser, `${address}#films`, { phone: true });
    await page.locator('.film-link', { hasText: 'Night walk' }).click();
    await page.locator('#film-play').waitFor();
    await page.waitForTimeout(2500);
    await take(page, 'page-phone-film');
  },
  'page-films': async (browser, address) => {
    const page = await open(browser, `${address}#films`);
    await page.locator('#film-file').setInputFiles(otherItems());
    await page.locator('.film-poster[src]').nth(2).waitFor();
    // A large file on its way, of which no more than the first pieces get through.
    const large = path.join(folder, 'Harbour, reel 2.mov');
    writeFileSync(large, Buffer.alloc(48 << 20));
    let pieces = 0;
    await page.route('**/api/films/uploads/**', (route) => (pieces++ < 5 ? route.continue() : undefined));
    await page.locator('#film-file').setInputFiles(large);
    await page.locator('.upload', { hasText: '21' }).waitFor();
    await take(page, 'page-films');
  },
  // The last: it takes a camera away and breaks another.
  'page-offline': async (browser, address) => {
    const change = (id, body) =>
      fetch(`${address}api/streams/${id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const page = await open(browser, address);
    await wallPlays(page, 4);
    await change('shops', { input: 'rtsp://192.0.2.20:554/shops' });
    await page.locator('[data-stream="shops"] .tile-notice', { hasText: 'Offline' }).waitFor();
    await page.waitForTimeout(3000);
    await take(page, 'page-wall-offline');
    const one = await open(browser, `${address}#/shops`);
    await until(one, () => window.afterglow.transport === 'webrtc');
    await one.waitForTimeout(1500);
    await take(one, 'page-offline');
  },
  'page-error': async (browser, address) => {
    const page = await open(browser, `${address}#/broken`);
    await page.locator('#condition[data-kind="failed"]').waitFor();
    await page.waitForTimeout(600);
    await take(page, 'page-error');
  },
};

if (EXECUTABLE === undefined) throw new Error('no Chromium: install it with "apt-get install chromium"');
mkdirSync(target, { recursive: true });
const wanted = process.argv.slice(3);
const wall = CAMERAS.map((camera) => ({ id: camera.id, name: camera.name, input: clipOf(camera, 960) }));
/** One camera in full, the others only to be named. */
const single = CAMERAS.map((camera, index) => ({
  id: camera.id,
  name: camera.name,
  ...(index === 0 ? { input: DEMO } : { input: clipOf(camera, 320), pipeline: 'passthrough' }),
}));
const broken = path.join(folder, 'broken.mp4');
writeFileSync(broken, 'this is no film');
const browser = await chromium.launch({
  executablePath: EXECUTABLE,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--autoplay-policy=no-user-gesture-required',
    '--force-color-profile=srgb',
  ],
});
/** Makes those of the pictures that are wanted, with a server that has these streams. */
async function makeAll(names, streams, options) {
  const chosen = names.filter((name) => wanted.length === 0 || wanted.includes(name));
  if (chosen.length === 0) return;
  const { address, stop } = await start(streams, options);
  try {
    for (const name of chosen) {
      await VIEWS[name](browser, address);
      for (const context of browser.contexts()) await context.close();
    }
  } finally {
    await stop();
  }
}

try {
  await makeAll(['page-stream', 'page-stream-light', 'page-lens', 'page-regions', 'page-phone-stream'], single);
  const films = { films: { folder: path.join(folder, 'films') } };
  await makeAll(['page-film', 'page-phone-film', 'page-films'], [single[3]], films);
  await makeAll(['page-error'], [single[3], { id: 'broken', name: 'Old film', input: broken }]);
  await makeAll(['page-wall', 'page-wall-light', 'page-phone-wall', 'page-offline'], wall);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
