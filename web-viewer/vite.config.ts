import { defineConfig, type Plugin } from 'vite';
import { TEXTS } from './src/texts.js';

/** Puts texts where index.html names them as {{part.name}}, so that all of them live in texts.ts. */
function pageTexts(): Plugin {
  return {
    name: 'page-texts',
    transformIndexHtml: (html) =>
      html.replace(/\{\{([\w.]+)\}\}/g, (_match, path: string) => {
        let text: unknown = TEXTS;
        for (const key of path.split('.')) text = (text as Record<string, unknown> | undefined)?.[key];
        if (typeof text !== 'string')
          throw new Error(`index.html names the text "${path}", which texts.ts does not hold`);
        return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
      }),
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [pageTexts()],
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
