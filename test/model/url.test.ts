/** URLs of receivers, as strict as Go. */

import { expect, it } from 'vitest';
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
