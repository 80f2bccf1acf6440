/** Reads YAML and JSON, and says where they are wrong in words, without quoting what may be a secret. */

import { type ErrorCode, LineCounter, parseDocument } from 'yaml';
import { type Place, placeAt } from './place.js';

/** Something that is wrong with the text itself. */
interface SyntaxProblem extends Place {
  readonly message: string;
}

/** A value, or what is wrong with the text of it. */
export type Parsed = { readonly value: unknown } | { readonly problems: readonly SyntaxProblem[] };

/** The parser's own messages quote what it stumbled over. */
const yamlMistakes: Readonly<Partial<Record<ErrorCode, string>>> = {
  ALIAS_PROPS: 'An alias cannot have an anchor or a tag',
  BAD_ALIAS: 'An anchor or an alias is written wrongly; quote text that begins with `*` or `&`',
  BAD_DQ_ESCAPE: 'There is no such escape in double quotes; use single quotes, or `\\\\` for a backslash',
  BAD_INDENT: 'The indentation does not fit the lines above',
  BAD_SCALAR_START: 'Text cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'A key with `:` cannot stand here; begin a new line, or put the text in quotes',
  BLOCK_IN_FLOW: 'Lines with `-` or indented keys cannot stand inside `[` or `{`',
  DUPLICATE_KEY: 'This key is there twice; keep one of them',
  MISSING_CHAR: 'A character is missing here: a closing quote or bracket, a comma, or the space behind `:`',
  MULTIPLE_DOCS: 'A second document begins here, and would be ignored; take the line `---` out',
  MULTILINE_IMPLICIT_KEY: 'A key must be on one line, with `:` behind it',
  TAB_AS_INDENT: 'Indentation must be spaces, not tabs',
  UNEXPECTED_TOKEN: 'This does not belong here; put text with special characters in quotes',
};

/** Reads YAML. All mistakes are found, as far as the parser gets. */
export function readYaml(text: string): Parsed {
  const lineCounter = new LineCounter();
  // A parser that is silent keeps a second document to itself as well.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  const problems = document.errors.map(({ code, pos: [offset] }) => {
    const { line, col } = lineCounter.linePos(offset);
    return {
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      message: yamlMistakes[code] ?? `This is no valid YAML (${code})`,
    };
  });
  if (problems.length > 0) return { problems: problems.filter(isFirstOfItsKind) };
  try {
    return { value: document.toJS() };
  } catch {
    return {
      problems: [{ line: 1, column: 1, message: 'An alias leads nowhere, in a circle, or to too much' }],
    };
  }
}

/** Once lost, the parser stumbles over the same again and again. */
function isFirstOfItsKind(problem: SyntaxProblem, index: number, all: readonly SyntaxProblem[]): boolean {
  return all.findIndex(({ line, message }) => line === problem.line && message === problem.message) === index;
}

/** Reads JSON. */
export function readJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const offset = offsetOfMistake(text);
    const message =
      offset >= text.trimEnd().length
        ? 'The JSON ends too early: a closing quote or bracket is missing'
        : 'This does not belong here: JSON has double quotes around keys and texts, commas between members and none behind the last, and no comments';
    return { problems: [{ ...placeAt(text, offset), message }] };
  }
}

/**
 * Not every message of the parser says where. The mistake is in the last character of the shortest beginning that
 * cannot be completed to valid JSON; a beginning that only ends too early can.
 */
function offsetOfMistake(text: string): number {
  let [good, bad] = [0, text.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (canBeCompleted(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function canBeCompleted(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const message = String(error);
    const [, position] = /at position (\d+)/.exec(message) ?? [];
    return /Unexpected end|Unterminated string/.test(message) || Number(position) >= beginning.length;
  }
}
