/**
 * A look over JSON text before it is parsed: how deep it nests, and whether an object names a key twice.
 *
 * `JSON.parse` takes the last of two equal keys without a word, where another reader may take the first: two readers
 * of one document would then obey two. The text need not be JSON; what is told of it is an upper bound then.
 */

/** Told where the first object that repeats a key stands. */
export interface JsonScan {
  readonly isTooDeep: boolean;
  readonly repeatedKey?: string;
}

interface Frame {
  /** Undefined for an array. */
  readonly keys: Set<string> | undefined;
  /** The next string is a key. */
  isKeyNext: boolean;
}

export function scanJson(text: string, depthMax: number): JsonScan {
  const frames: Frame[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const frame = frames.at(-1);
    switch (text[at]) {
      case '"': {
        const end = endOfString(text, at);
        if (frame?.keys !== undefined && frame.isKeyNext) {
          const key = keyOf(text.slice(at, end + 1));
          if (frame.keys.has(key)) return { isTooDeep: false, repeatedKey: key };
          frame.keys.add(key);
          frame.isKeyNext = false;
        }
        at = end;
        break;
      }
      case '{':
        frames.push({ keys: new Set(), isKeyNext: true });
        break;
      case '[':
        frames.push({ keys: undefined, isKeyNext: false });
        break;
      case '}':
      case ']':
        frames.pop();
        break;
      case ',':
        if (frame !== undefined) frame.isKeyNext = frame.keys !== undefined;
        break;
      default:
        break;
    }
    if (frames.length > depthMax) return { isTooDeep: true };
  }
  return { isTooDeep: false };
}

/** Index of the closing quote, or of the last character where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length - 1;
}

/** The same key may be written with escapes. */
function keyOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
