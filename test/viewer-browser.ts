import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { AxeResults } from 'axe-core';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import type { PageProbe } from '../web-viewer/src/page-probe.js';
import { BROWSER_FLAGS } from './browser-flags.js';

const EXECUTABLE = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** A camera that shows a moving pattern and a microphone that beeps, with nobody asked. */
const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** How long the page may take for what it is waited for, in milliseconds. */
const LONGEST_WAIT = 90_000;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

declare global {
  interface Window {
    readonly axe: { run(): Promise<AxeResults> };
  }
}

/** How a browser is opened. */
export interface ViewerBrowserOptions {
  /** As behind a firewall that lets no UDP through. */
  readonly blockUdp?: boolean;
  /** With a camera and a microphone. */
  readonly fakeCamera?: boolean;
  /** A phone with fingers instead of a mouse. */
  readonly phone?: boolean;
}

/** What the page has drawn: mean luma of the left and right halves of the picture, 0..255. */
export interface DrawnPicture {
  readonly left: number;
  readonly right: number;
}

/** A real Chromium with the viewer page, in a profile of its own. */
export class ViewerBrowser {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #profile: string;
  /** Errors of the page's scripts, and what its policy forbade. */
  readonly faults: string[] = [];

  private constructor(context: BrowserContext, page: Page, profile: string) {
    this.#context = context;
    this.page = page;
    this.#profile = profile;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) this.faults.push(message.text());
    });
  }

  /** Opens a page. */
  static async open(address: string, options: ViewerBrowserOptions = {}): Promise<ViewerBrowser> {
    if (EXECUTABLE === undefined) throw new Error('no Chromium: install it with "apt-get install chromium"');
    const profile = mkdtempSync(path.join(os.tmpdir(), 'afterglow-browser-'));
    if (options.blockUdp) {
      mkdirSync(path.join(profile, 'Default'));
      const preferences = { webrtc: { ip_handling_policy: 'disable_non_proxied_udp' } };
      writeFileSync(path.join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
    }
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: EXECUTABLE,
      args: options.fakeCamera ? [...BROWSER_FLAGS, ...FAKE_CAMERA] : BROWSER_FLAGS,
      acceptDownloads: true,
      colorScheme: 'dark',
      ...(options.phone
        ? { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }
        : { viewport: { width: 1280, height: 800 } }),
    });
    context.setDefaultTimeout(LONGEST_WAIT);
    const browser = new ViewerBrowser(context, context.pages()[0] ?? (await context.newPage()), profile);
    await browser.page.goto(address);
    return browser;
  }

  /** Waits until the page says of itself what is wanted. */
  async until(wanted: (probe: PageProbe) => boolean): Promise<void> {
    const deadline = Date.now() + LONGEST_WAIT;
    for (;;) {
      const probe = await this.probe();
      if (wanted(probe)) return;
      if (Date.now() > deadline) throw new Error(`not within ${LONGEST_WAIT / 1000} s; last: ${JSON.stringify(probe)}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** Gives the token that the page asks for. */
  async logIn(token: string): Promise<void> {
    await this.page.locator('#login[open]').waitFor();
    await this.page.locator('#token').fill(token);
    await this.page.keyboard.press('Enter');
  }

  /** What the page says of itself. */
  probe(): Promise<PageProbe> {
    // Its properties are getters of its own: spread reads them all.
    return this.page.evaluate((): PageProbe => ({ ...window.afterglow }));
  }

  /** Rules of accessibility that the page as it stands breaks in earnest, each with where. */
  async seriousViolations(): Promise<string[]> {
    // Sent as the debugger's own script: the page's policy allows none from elsewhere, and need not.
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate((): Promise<AxeResults> => window.axe.run());
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  }

  /** Reads the picture on the screen: the shown video, or the comparison's canvas. */
  picture(selector: string): Promise<DrawnPicture> {
    return this.page.evaluate((found) => {
      const source = document.querySelector(found) as HTMLVideoElement | HTMLCanvasElement;
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [64, 36];
      const context = canvas.getContext('2d') as CanvasRenderingContext2D;
      context.drawImage(source, 0, 0, 64, 36);
      const { data } = context.getImageData(0, 0, 64, 36);
      const sums = [0, 0];
      for (let i = 0; i < data.length; i += 4) {
        const luma = 0.2126 * (data[i] ?? 0) + 0.7152 * (data[i + 1] ?? 0) + 0.0722 * (data[i + 2] ?? 0);
        const half = (i / 4) % 64 < 32 ? 0 : 1;
        sums[half] = (sums[half] ?? 0) + luma / (32 * 36);
      }
      return { left: sums[0] ?? 0, right: sums[1] ?? 0 };
    }, selector);
  }

  /** Ends the browser. */
  async close(): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }
}
