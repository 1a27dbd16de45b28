'use strict';

/**
 * Divides a file into names (`name`: identifiers and words of SQL) and texts (`text`: comments, strings,
 * documents), each with its offset. A part is as long as in the file, so that an offset in a part is one in the
 * file.
 */
const ts = require('typescript');

const K = ts.SyntaxKind;
const CODE = /\.(?:ts|cts|mts|js|cjs|mjs)$/;
const SQL =
  /\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|GRANT|REVOKE|VALUES|WHERE|FROM|RETURNING)\b/;
/** After one of these a slash divides; after anything else it begins a regular expression. */
const OPERAND_ENDS = new Set([
  K.Identifier,
  K.NumericLiteral,
  K.BigIntLiteral,
  K.StringLiteral,
  K.NoSubstitutionTemplateLiteral,
  K.TemplateTail,
  K.CloseParenToken,
  K.CloseBracketToken,
  K.CloseBraceToken,
  K.ThisKeyword,
]);
const COMMENTS = new Set([K.SingleLineCommentTrivia, K.MultiLineCommentTrivia]);
const BLANKS = new Set([K.WhitespaceTrivia, K.NewLineTrivia]);
const STRINGS = new Set([K.StringLiteral, K.NoSubstitutionTemplateLiteral, K.RegularExpressionLiteral]);
const NAMES = new Set([K.Identifier, K.PrivateIdentifier]);

function partsOf(path, content) {
  if (CODE.test(path)) return partsOfCode(content);
  if (path.endsWith('.sql')) return partsOfSql(content, 0);
  return [text(content, 0, /^[ \t]*(?:#+|>|-|\*|\|)(?=[ \t])/gm)];
}

function partsOfCode(content) {
  const parts = [];
  let comment = null;
  for (const token of tokensOf(content)) {
    if (BLANKS.has(token.kind)) continue;
    if (COMMENTS.has(token.kind)) {
      // Consecutive lines of `//` are one text.
      if (comment !== null) parts.pop();
      comment ??= token.start;
      parts.push(text(content.slice(comment, token.end), comment, /^[ \t]*(?:\/\/|\/\*\*?|\*)/gm));
    } else {
      comment = null;
      parts.push(...partsOfToken(token, content.slice(token.start, token.end)));
    }
  }
  return parts;
}

function partsOfToken({ kind, start, template }, content) {
  if (NAMES.has(kind)) return [{ kind: 'name', text: content, offset: start }];
  if (!template && !STRINGS.has(kind)) return [];
  const isSql = kind !== K.RegularExpressionLiteral && SQL.test(template?.text ?? content);
  return isSql ? partsOfSql(content, start) : [text(content, start)];
}

/** In SQL a comment is a text, and all other words are names. */
function partsOfSql(content, offset) {
  return [...content.matchAll(/--[^\n]*|(?:(?!--)[^])+/g)].map((match) => ({
    kind: match[0].startsWith('--') ? 'text' : 'name',
    text: match[0],
    offset: offset + match.index,
  }));
}

/** `leaders` are marks at the beginning of a line; a phrase goes on after them. */
function text(content, offset, leaders) {
  const blanks = (mark) => ' '.repeat(mark.length);
  return { kind: 'text', text: leaders ? content.replace(leaders, blanks) : content, offset };
}

/** Every token of a program, comments included. The pieces of a template share one `template` with its text. */
function tokensOf(content) {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, content);
  const tokens = [];
  const braces = [];
  let last;
  for (let kind = scanner.scan(); kind !== K.EndOfFileToken; kind = scanner.scan()) {
    let template;
    if ((kind === K.SlashToken || kind === K.SlashEqualsToken) && !OPERAND_ENDS.has(last))
      kind = scanner.reScanSlashToken();
    if (kind === K.TemplateHead) template = { text: '' };
    if (kind === K.CloseBraceToken) {
      template = braces.pop();
      if (template) kind = scanner.reScanTemplateToken(false);
    }
    if (kind === K.OpenBraceToken) braces.push(null);
    if (kind === K.TemplateHead || kind === K.TemplateMiddle) braces.push(template);
    if (template) template.text += ` ${scanner.getTokenText()}`;
    tokens.push({ kind, start: scanner.getTokenStart(), end: scanner.getTokenEnd(), template });
    if (!COMMENTS.has(kind) && !BLANKS.has(kind)) last = kind;
  }
  return tokens;
}

module.exports = { partsOf };
