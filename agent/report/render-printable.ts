/**
 * Makes text from elsewhere safe to show: one line, no terminal escapes, no invisible reordering, bounded.
 *
 * Names from DHCP, the board, the gateway or the kernel end up on terminals and in logs; there they must be
 * read, never obeyed.
 */

/** Long enough for any honest sentence of ours. */
const PRINTABLE_CHARACTERS_MAX = 512;

/** Controls, formatting marks (bidirectional, zero-width), lone surrogates, line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export function printable(text: string, charactersMax = PRINTABLE_CHARACTERS_MAX): string {
  const open = withoutSecret(text);
  const cut = open.length > charactersMax ? `${open.slice(0, charactersMax)}…` : open;
  return cut.replace(UNPRINTABLE, escaped);
}

/** The text, unless it quotes a private key: no note should, and none that does is shown. */
export function withoutSecret(text: string): string {
  return text.includes('PRIVATE KEY') ? '(secret withheld)' : text;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
