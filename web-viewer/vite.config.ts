import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { ENGLISH } from './src/texts/en.js';
import { fillHtml } from './src/texts/template.js';

const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
  readonly version: string;
};

/** Puts texts where index.html names them as {{part.name}}, so that all of them live in texts/. */
function pageTexts(): Plugin {
  return { name: 'page-texts', transformIndexHtml: (html) => fillHtml(html, ENGLISH) };
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [pageTexts()],
  define: { __VERSION__: JSON.stringify(version) },
  // Its small edition has all that these streams need; its types are those of the whole.
  resolve: { alias: [{ find: /^hls\.js$/, replacement: 'hls.js/light' }] },
  build: {
    outDir: '../dist/web-viewer',
    emptyOutDir: true,
    target: ['es2022', 'chrome111', 'firefox121', 'safari16.4'],
    // The server's policy forbids inline scripts and data: URLs in styles.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // hls.js comes as a part of its own, loaded only when it is needed.
    chunkSizeWarningLimit: 600,
  },
  // For work on the page itself beside a running server.
  server: {
    proxy: {
      '/api': { target: 'http://127.0.0.1:8080', ws: true, changeOrigin: true },
      '/hls': { target: 'http://127.0.0.1:8080' },
    },
  },
});
