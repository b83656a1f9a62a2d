/**
 * A self-signed Ed25519 certificate with its key, and a key that belongs to nothing: made for tests, trusted
 * nowhere.
 */
function pem(label: string, base64: string): string {
  return `-----BEGIN ${label}-----\n${base64.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`;
}

export const CERTIFICATE = pem(
  'CERTIFICATE',
  'MIIBQjCB9aADAgECAhRy3lKLFgbB73z9V4LaQLlMyq3BcDAFBgMrZXAwFjEUMBIGA1UEAwwLVEVTVFNFUklB' +
    'TDEwIBcNMjYxMTIzMDMyNTU1WhgPMjEyNjEwMzAwMzI1NTVaMBYxFDASBgNVBAMMC1RFU1RTRVJJQUwxMCow' +
    'BQYDK2VwAyEAvzrjiOehRG/M3FMb7iFKuLOD40S7LE5/m1GawVgwXzOjUzBRMB0GA1UdDgQWBBRNDPtIA0P7' +
    'Zcm9Hz3tSpia255fWjAfBgNVHSMEGDAWgBRNDPtIA0P7Zcm9Hz3tSpia255fWjAPBgNVHRMBAf8EBTADAQH/' +
    'MAUGAytlcANBADHuFGqMrb8GmPaX4HphdUt38cFiLqNG1gGkEtmuSJfAUtDaoYVUNZ38U60X04sH2gpBo5tM' +
    'FTpkhiOzlL0JIgc=',
);

export const KEY = pem(
  'PRIVATE KEY',
  'MC4CAQAwBQYDK2VwBCIEIPKJdU2hCKq4WeJ7Qg7csLa+q1p5SWL4NPEZ48vW9YcT',
);

export const OTHER_KEY = pem(
  'PRIVATE KEY',
  'MC4CAQAwBQYDK2VwBCIEIOZgonwhYt+v1IiZboPaRm3z+ZujNGtK6NvB2F+67YjR',
);
