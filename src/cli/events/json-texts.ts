/** Several JSON texts behind each other, with nothing or with line ends between them. */

/**
 * Reads NDJSON, and objects without any separator, as Splunk's collector takes them.
 * @throws SyntaxError that says which of them is no JSON, and quotes nothing
 */
export function parseJsonTexts(text: string): unknown[] {
  return splitJsonTexts(text).map((each, index) => {
    try {
      return JSON.parse(each) as unknown;
    } catch {
      throw new SyntaxError(`JSON text ${index + 1} of the body cannot be read`);
    }
  });
}

/** Where one ends is told by its brackets; what has none ends with its line. */
function splitJsonTexts(text: string): string[] {
  const texts: string[] = [];
  let start = 0;
  let depth = 0;
  const cut = (end: number) => {
    const piece = text.slice(start, end).trim();
    if (piece !== '') texts.push(piece);
    start = end;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') {
      if (depth === 0) cut(at);
      depth++;
    } else if (character === '}' || character === ']') {
      depth--;
      if (depth <= 0) {
        depth = 0;
        cut(at + 1);
      }
    } else if (character === '\n' && depth === 0) cut(at);
  }
  cut(text.length);
  return texts;
}

/** The closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
