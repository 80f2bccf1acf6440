/** URLs of receivers, as strict as Go. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { httpUrl } from '../../src/cli/arguments.js';
import { Service } from '../../src/cli/service/service.js';
import { parseHttpUrl } from '../../src/model/url.js';

it.each([
  'http:h',
  'http:/h',
  'http:///x',
  'http://',
  'http://?x',
  'https://h:0/',
  'https://h:65536/',
  'https://h:x/',
  'https://h:-1/',
  'https://h/a b',
  ' https://h/',
  'https://h/ ',
  'https://h/\u00a0',
  'https://h/\t',
  'https://h/\r\nx: y',
  'https://h/\u0007',
  'https://h/\u007f',
  'https://h/\u0085',
  'https://h/%zz',
  'https://h/%',
  'https://h/?a=%f',
  'https://%68/',
  'https://h%41/',
  'https://u:p@h/',
  'https://@h/',
  'https://u@h/',
  'https:\\\\h\\',
  'https://h\\@evil/',
  'https://h/a\\b',
  'https://[::1',
  'https://[::1%25eth0]/',
  'https://a<b/',
  'ftp://h/',
  'h',
  '',
])('%j is none', (text) => {
  expect(parseHttpUrl(text)).toBeUndefined();
});

it.each([
  ['http://h', 'http://h/'],
  ['HTTPS://H:443/', 'https://h/'],
  ['https://h:8443/a/../b?c=%20d', 'https://h:8443/b?c=%20d'],
  ['http://[::1]:8080/', 'http://[::1]:8080/'],
  ['http://127.0.0.1/', 'http://127.0.0.1/'],
  ['https://bücher.example.com/ä', 'https://xn--bcher-kva.example.com/%C3%A4'],
  ['https://h/@x:y', 'https://h/@x:y'],
  ['https://under_score/', 'https://under_score/'],
])('%j is one', (text, href) => {
  expect(parseHttpUrl(text)?.href).toBe(href);
});

/** Once compiled, `URL.canParse` says no to hosts with Latin-1 letters: two that are refused look the same then. */
it('nothing asks whether a text is a URL in a way that changes its mind', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  expect(files.length).toBeGreaterThan(100);
  const asking = files.filter((file) =>
    readFileSync(join(src, file), 'utf8')
      .split('\n')
      .some((line) => /\bcanParse\b/.test(line) && !/^\s*(\*|\/\/|\/\*\*)/.test(line)),
  );
  expect(asking).toEqual([]);
});

it('the command takes hosts with Latin-1 letters, the thousandth time too', () => {
  for (let times = 0; times < 3000; times++) {
    expect(httpUrl(`http://sïem${times}.example.com/`).hostname).toMatch(/^xn--sem/);
    expect(() => new Service({ url: `https://sïem${times}.example.com/ui/` })).not.toThrow();
  }
});
