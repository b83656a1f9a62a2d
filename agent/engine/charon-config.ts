/**
 * The text of one charon's own strongswan.conf.
 *
 * Where the kernel has no ESP a charon carries one tunnel through a TUN device, with sockets of its own; otherwise one
 * charon carries them all. It loads a fixed list of plugins and reads no other file, so that what a machine's
 * administrator configured for other purposes means nothing here.
 */

export interface CharonConfig {
  readonly viciPath: string;
  readonly inKernel: boolean;
  /** Everything goes through it. */
  readonly natTraversalPort: number;
  /** Marks charon's own packets; 0 marks nothing. */
  readonly fwmark: number;
  /** Of the routes charon insists on. */
  readonly routingTable: number;
}

/**
 * `aesni` stands first: with the plain software ciphers in front of it a tunnel is ten times slower.
 */
const PLUGINS =
  'random nonce aesni aes sha1 sha2 hmac kdf curve25519 pem pkcs1 pkcs8 x509 pubkey openssl gcm constraints';

/** After `main` (32766): kernel-libipsec lays a default route, and one before `main` would swallow the uplinks. */
export const CHARON_RULE_PRIORITY = 40_000;

export function charonConfigText(config: CharonConfig): string {
  const { viciPath, inKernel, natTraversalPort, fwmark, routingTable } = config;
  const libipsec = inKernel ? '' : ' kernel-libipsec';
  return [
    // charon reads the section named after its program.
    'charon-systemd {',
    `  load = ${PLUGINS}${libipsec} kernel-netlink socket-default vici`,
    // Any: the agent's service may bind no port below 1024, and without its first socket charon opens none.
    '  port = 0',
    `  port_nat_t = ${natTraversalPort}`,
    '  install_routes = no',
    '  install_virtual_ip = no',
    `  routing_table = ${routingTable}`,
    `  routing_table_prio = ${CHARON_RULE_PRIORITY}`,
    // A new IKE_SA stands before the old one goes, also when an identity is shown anew.
    '  make_before_break = yes',
    '  reuse_ikesa = no',
    // With a dpd_delay of 2 s a dead peer is given up after some 7 s; BFD has long moved the traffic.
    '  retransmit_tries = 3',
    '  retransmit_timeout = 1.0',
    '  retransmit_base = 1.4',
    '  journal { default = -1 }',
    '  plugins {',
    `    vici { socket = unix://${viciPath} }`,
    ...(inKernel ? [] : ['    kernel-libipsec { load = yes }']),
    // The mark goes the other way round for the rule: what charon sends must not see its own table.
    ...(fwmark === 0
      ? []
      : [
          `    kernel-netlink { fwmark = !${fwmark} }`,
          `    socket-default { fwmark = ${fwmark} }`,
        ]),
    '  }',
    '}',
    '',
  ].join('\n');
}
