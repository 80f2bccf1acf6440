/** Builds the page into the package, beside the code that serves it. */

import { defineConfig } from 'vite';

export default defineConfig({
  base: './', // the console may be mounted below any path
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/console/app',
    emptyOutDir: true,
    // What knows light-dark(): the page's two sets of colours.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    modulePreload: false, // it would be a script within the page
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    license: { fileName: 'licenses.txt' },
  },
});
