/**
 * The page's files, read once: a fixed list, so that no request can name another path.
 */
import { readFileSync } from 'node:fs';

export interface PageFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

const FILES: Readonly<Record<string, readonly [name: string, contentType: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/panel.js': ['panel.js', 'text/javascript; charset=utf-8'],
  '/moving.js': ['moving.js', 'text/javascript; charset=utf-8'],
  '/nodes.js': ['nodes.js', 'text/javascript; charset=utf-8'],
  '/texts.js': ['texts.js', 'text/javascript; charset=utf-8'],
  '/logon.js': ['logon.js', 'text/javascript; charset=utf-8'],
  '/ladder.js': ['ladder.js', 'text/javascript; charset=utf-8'],
  '/wan.js': ['wan.js', 'text/javascript; charset=utf-8'],
  '/chart.js': ['chart.js', 'text/javascript; charset=utf-8'],
};

/** The files by the path they are served at. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  return new Map(
    Object.entries(FILES).map(([path, [name, contentType]]) => [
      path,
      { contentType, bytes: readFileSync(new URL(`../../diag/page/${name}`, import.meta.url)) },
    ]),
  );
}
