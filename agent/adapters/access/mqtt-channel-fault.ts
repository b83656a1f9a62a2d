/**
 * Names what went wrong on the way to the gateway by stable codes, each with one sentence.
 *
 * OpenSSL, Node and the operating system have a few hundred codes between them; people and the registration core need
 * to tell a dozen situations apart.
 */
import { GatewayDistrusted } from './gateway-trust.ts';

export interface ChannelFault {
  readonly code: string;
  readonly text: string;
  readonly reasonCode?: number;
  readonly chainBeginsMs?: number;
}

const UNTRUSTED = 'the certificate of the gateway is not from the CA of this network';
const NO_TLS = 'what answers there does not speak TLS';
const NO_TLS_1_2 = 'the gateway speaks no TLS 1.2 or later';
const OURS_REFUSED = 'the gateway refused our certificate';
const BY_CODE: Readonly<Record<string, readonly [code: string, text: string]>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: ['ETLS_NAME', 'the certificate names another gateway'],
  CERT_HAS_EXPIRED: ['ETLS_EXPIRED', 'the certificate of the gateway has expired'],
  CERT_NOT_YET_VALID: ['ETLS_NOT_YET', 'the certificate of the gateway is not valid yet'],
  CERT_REVOKED: ['ETLS_REVOKED', 'the certificate of the gateway is revoked'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['ETLS_UNTRUSTED', UNTRUSTED],
  UNABLE_TO_GET_ISSUER_CERT: ['ETLS_UNTRUSTED', UNTRUSTED],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['ETLS_UNTRUSTED', UNTRUSTED],
  SELF_SIGNED_CERT_IN_CHAIN: ['ETLS_UNTRUSTED', UNTRUSTED],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'ETLS_SELF_SIGNED',
    'the gateway has signed its certificate itself',
  ],
  CERT_SIGNATURE_FAILURE: ['ETLS_UNTRUSTED', UNTRUSTED],
  CERT_UNTRUSTED: ['ETLS_UNTRUSTED', UNTRUSTED],
  CERT_REJECTED: ['ETLS_UNTRUSTED', UNTRUSTED],
  INVALID_CA: ['ETLS_UNTRUSTED', UNTRUSTED],
  INVALID_PURPOSE: ['ETLS_USAGE', 'the certificate is not for a server'],
  ERR_SSL_UNSUPPORTED_PROTOCOL: ['ETLS_VERSION', NO_TLS_1_2],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: ['ETLS_VERSION', NO_TLS_1_2],
  ERR_SSL_WRONG_VERSION_NUMBER: ['ETLS_PROTOCOL', NO_TLS],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['ETLS_PROTOCOL', NO_TLS],
  ECONNREFUSED: ['ECONNREFUSED', 'nobody listens there'],
  ECONNRESET: ['ECONNRESET', 'the other side reset the connection'],
  EPIPE: ['ECONNRESET', 'the other side reset the connection'],
  ETIMEDOUT: ['ETIMEOUT', 'nothing came back in time'],
  EHOSTUNREACH: ['EUNREACHABLE', 'no route leads there'],
  ENETUNREACH: ['EUNREACHABLE', 'no route leads there'],
  EADDRNOTAVAIL: ['EADDRNOTAVAIL', 'the source address is no longer on this device'],
  ENOTFOUND: ['EDNS', 'the name does not resolve'],
  EAI_AGAIN: ['EDNS', 'the name does not resolve at present'],
};
/** Alerts by which the gateway says that it does not want our certificate. */
const ALERT = /^ERR_SSL_(?:TLSV1[0-3]?|SSLV3)_ALERT_/;
/** What OpenSSL says in words where Node only knows EPROTO. */
const PROTOCOL_WORDS: readonly (readonly [pattern: RegExp, code: string, text: string])[] = [
  [/alert protocol version|unsupported protocol/, 'ETLS_VERSION', NO_TLS_1_2],
  [/alert (?:bad|unknown|unsupported|certificate|access)/, 'ETLS_REFUSED', OURS_REFUSED],
  [/./, 'ETLS_PROTOCOL', NO_TLS],
];
/** Reason codes from here on are failures (MQTT 5, 2.4). */
const FAILURE_REASON_MIN = 0x80;
const TEXT_MAX = 200;

export function channelFault(error: Error & { readonly code?: unknown }): ChannelFault {
  const { code, message } = error;
  if (error instanceof GatewayDistrusted) {
    const { beginsMs } = error;
    return {
      code: error.code,
      text: message,
      ...(beginsMs !== undefined && { chainBeginsMs: beginsMs }),
    };
  }
  if (typeof code === 'number' && code >= FAILURE_REASON_MIN) return reasonFault(code, message);
  if (typeof code === 'string') {
    const known = BY_CODE[code];
    if (known !== undefined) return { code: known[0], text: known[1] };
    if (code === 'EPROTO') {
      const words = PROTOCOL_WORDS.find(([pattern]) => pattern.test(message));
      return { code: words?.[1] ?? 'ETLS_PROTOCOL', text: words?.[2] ?? NO_TLS };
    }
    if (ALERT.test(code)) return { code: 'ETLS_REFUSED', text: OURS_REFUSED };
    if (code.startsWith('ERR_SSL_'))
      return { code: 'ETLS_PROTOCOL', text: message.slice(0, TEXT_MAX) };
    return { code, text: message.slice(0, TEXT_MAX) };
  }
  if (message === 'Keepalive timeout') {
    return { code: 'EKEEPALIVE', text: 'the gateway no longer answers keep-alives' };
  }
  return { code: 'EMQTT_PROTOCOL', text: message.slice(0, TEXT_MAX) };
}

/** A CONNACK or DISCONNECT that carries a reason. */
export function reasonFault(reasonCode: number, text: string): ChannelFault {
  const code = `EMQTT_0x${reasonCode.toString(16).padStart(2, '0')}`;
  return { code, text: text.slice(0, TEXT_MAX), reasonCode };
}
