/**
 * The answer to a scraper that speaks HTTP at the control socket: the metrics, or the status that refuses it.
 */
import { metricsText } from '../../diag/metrics-text.ts';
import type { AgentSnapshot } from '../../model/snapshot.ts';

const REQUEST = /^GET (?:http:\/\/[^/ ]*)?(\/[^ ]*) HTTP\/1\.[01]\r?$/;
/** Prometheus text exposition format. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export async function metricsAnswer(
  requestLine: string,
  snapshot: () => Promise<AgentSnapshot>,
): Promise<string> {
  if (REQUEST.exec(requestLine)?.[1] !== '/metrics') return response('404 Not Found', '');
  try {
    return response('200 OK', metricsText(await snapshot()));
  } catch {
    return response('503 Service Unavailable', '');
  }
}

function response(status: string, body: string): string {
  const head = [
    `HTTP/1.1 ${status}`,
    `Content-Type: ${CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
