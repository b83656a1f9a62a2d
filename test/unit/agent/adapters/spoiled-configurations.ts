/**
 * One right configuration, and every way of spoiling it that must be told apart.
 */
/** A right configuration; each entry below spoils it in one place. Line 1 is `tenant`. */
export const GOOD = `tenant: acme
area: Mainland China
stateDirectory: state
controlSocket: control.sock
board: { path: /dev/ttyS1 }
uplinks:
  - id: wan1
    kind: wired
    port: 5
    deviceName: wan1
    priority: 1
    gateway: 10.91.1.1
  - id: lte
    kind: lte
    deviceName: wwan0
    priority: 99
    use: management-only
    gateway: 10.92.0.1
lanPrefixes:
  - 192.168.10.0/24
  - 192.168.11.0/24
access:
  certificateFile: device.crt
  keyFile: device.key
  caFile: ca.crt
  gateways:
    - id: agw1
      address: 10.91.1.1
      port: 8443
      serverName: agw1.example
page:
  unixSocket: page.sock
`;

/** What is replaced in the right configuration, by what, and the one problem that must be found. */
export const SPOILED: readonly (readonly [string, string, string, string])[] = [
  ['a misspelt key', 'tenant:', 'tennant:', '1 ECONFIG_UNKNOWN_KEY /tennant'],
  [
    'an unknown key deep inside',
    '    port: 5',
    '    prot: 5',
    '9 ECONFIG_UNKNOWN_KEY /uplinks/0/prot',
  ],
  [
    'a key named __proto__',
    'page:',
    '__proto__: {a: 1}\npage:',
    '31 ECONFIG_UNKNOWN_KEY /__proto__',
  ],
  ['a missing key', '    kind: wired\n', '', '7 ECONFIG_MISSING_KEY /uplinks/0/kind'],
  ['an unknown area', 'Mainland China', 'Atlantis', '2 ECONFIG_AREA /area'],
  ['a CEN area for a CCN area', 'Mainland China', 'Asia Pacific', '2 ECONFIG_AREA /area'],
  ['a number for a text', 'tenant: acme', 'tenant: 12', '1 ECONFIG_TYPE /tenant'],
  ['a list for a map', '{ path: /dev/ttyS1 }', '[1]', '5 ECONFIG_TYPE /board'],
  ['a text for a number', 'port: 8443', 'port: high', '29 ECONFIG_TYPE /access/gateways/0/port'],
  ['nothing for a text', 'area: Mainland China', 'area:', '2 ECONFIG_TYPE /area'],
  ['a fraction', 'port: 5', 'port: 5.5', '9 ECONFIG_TYPE /uplinks/0/port'],
  ['not a number at all', 'port: 5', 'port: .nan', '9 ECONFIG_TYPE /uplinks/0/port'],
  ['a port out of range', 'port: 8443', 'port: 65536', '29 ECONFIG_RANGE /access/gateways/0/port'],
  [
    'a number beyond all bounds',
    'port: 8443',
    'port: 1e400',
    '29 ECONFIG_TYPE /access/gateways/0/port',
  ],
  ['a weight of 0', '    port: 5', '    weight: 0', '9 ECONFIG_RANGE /uplinks/0/weight'],
  ['a priority of 0', 'priority: 1\n', 'priority: 0\n', '11 ECONFIG_RANGE /uplinks/0/priority'],
  ['a priority over 50', 'priority: 1\n', 'priority: 51\n', '11 ECONFIG_RANGE /uplinks/0/priority'],
  [
    '99 for a wired uplink',
    'priority: 1\n',
    'priority: 99\n',
    '11 ECONFIG_RANGE /uplinks/0/priority',
  ],
  [
    'an LTE priority that is not 99',
    'priority: 99',
    'priority: 3',
    '16 ECONFIG_LTE_PRIORITY /uplinks/1/priority',
  ],
  ['an unknown kind of uplink', 'kind: wired', 'kind: dsl', '8 ECONFIG_VALUE /uplinks/0/kind'],
  [
    'an unknown log level',
    'tenant: acme',
    'tenant: acme\nlogLevel: loud',
    '2 ECONFIG_VALUE /logLevel',
  ],
  ['a wildcard in the tenant', 'tenant: acme', 'tenant: a/#', '1 ECONFIG_VALUE /tenant'],
  [
    'no uplink',
    /uplinks:[^]*?(?=lanPrefixes)/.exec(GOOD)?.[0] ?? '',
    'uplinks: []\n',
    '6 ECONFIG_RANGE /uplinks',
  ],
  ['the id of another uplink', 'id: lte', 'id: wan1', '13 ECONFIG_DUPLICATE /uplinks/1/id'],
  [
    'the port of another uplink',
    'kind: lte',
    'kind: lte\n    port: 5',
    '15 ECONFIG_DUPLICATE /uplinks/1/port',
  ],
  [
    'the device of another uplink',
    'deviceName: wwan0',
    'deviceName: wan1',
    '15 ECONFIG_DUPLICATE /uplinks/1/deviceName',
  ],
  [
    'a shell in a device name',
    'deviceName: wan1',
    'deviceName: wan1;reboot',
    '10 ECONFIG_DEVICE_NAME /uplinks/0/deviceName',
  ],
  [
    '16 characters in a device name',
    'deviceName: wan1',
    'deviceName: wan1234567890123',
    '10 ECONFIG_DEVICE_NAME /uplinks/0/deviceName',
  ],
  [
    'a path for a device name',
    'deviceName: wan1',
    'deviceName: ..',
    '10 ECONFIG_DEVICE_NAME /uplinks/0/deviceName',
  ],
  [
    'the loopback for an uplink',
    'deviceName: wan1',
    'deviceName: lo',
    '10 ECONFIG_DEVICE_NAME /uplinks/0/deviceName',
  ],
  [
    'a name for a next hop',
    'gateway: 10.91.1.1',
    'gateway: router.example',
    '12 ECONFIG_ADDRESS /uplinks/0/gateway',
  ],
  [
    'an impossible address',
    'address: 10.91.1.1',
    'address: 10.91.1.300',
    '28 ECONFIG_ADDRESS /access/gateways/0/address',
  ],
  [
    'a LAN port without a length',
    'page:',
    'lanPorts: [{ id: lan0, deviceName: lan0, address: 192.168.10.1 }]\npage:',
    '31 ECONFIG_ADDRESS /lanPorts/0/address',
  ],
  [
    'a LAN port outside the prefixes of the branch',
    'page:',
    'lanPorts: [{ id: lan0, deviceName: lan0, address: 192.168.30.1/24 }]\npage:',
    '31 ECONFIG_ADDRESS /lanPorts/0/address',
  ],
  [
    'a LAN port on the device of an uplink',
    'page:',
    'lanPorts: [{ id: lan0, deviceName: wan1, address: 192.168.10.1/24 }]\npage:',
    '31 ECONFIG_DUPLICATE /lanPorts/0/deviceName',
  ],
  ['text for a prefix', '- 192.168.11.0/24', '- office', '21 ECONFIG_PREFIX /lanPrefixes/1'],
  [
    'an address for a prefix',
    '- 192.168.11.0/24',
    '- 192.168.11.1',
    '21 ECONFIG_PREFIX /lanPrefixes/1',
  ],
  [
    'host bits in a prefix',
    '- 192.168.11.0/24',
    '- 192.168.11.1/24',
    '21 ECONFIG_PREFIX /lanPrefixes/1',
  ],
  [
    'the whole Internet as a prefix',
    '- 192.168.11.0/24',
    '- 0.0.0.0/0',
    '21 ECONFIG_PREFIX /lanPrefixes/1',
  ],
  [
    'a prefix inside another',
    '- 192.168.11.0/24',
    '- 192.168.10.128/25',
    '21 ECONFIG_PREFIX_OVERLAP /lanPrefixes/1',
  ],
  [
    'a socket path too long',
    'controlSocket: control.sock',
    `controlSocket: /run/${'x'.repeat(110)}`,
    '4 ECONFIG_SOCKET_PATH /controlSocket',
  ],
  [
    'one socket for two',
    'unixSocket: page.sock',
    'unixSocket: control.sock',
    '32 ECONFIG_DUPLICATE /page/unixSocket',
  ],
  [
    'a page that is off at a place',
    '  unixSocket: page.sock',
    '  unixSocket: page.sock\n  off: true',
    '31 ECONFIG_PAGE /page',
  ],
  ['a page with half an address', '  unixSocket: page.sock', '  port: 80', '31 ECONFIG_PAGE /page'],
  [
    'a certificate that is not there',
    'device.crt',
    'gone.crt',
    '23 ECONFIG_FILE_MISSING /access/certificateFile',
  ],
  ['a folder for a key', 'device.key', '.', '24 ECONFIG_FILE_UNREADABLE /access/keyFile'],
  ['a certificate for a key', 'device.key', 'safe.crt', '24 ECONFIG_PEM /access/keyFile'],
  ['a key for a CA', 'ca.crt', 'device.key', '25 ECONFIG_PEM /access/caFile'],
  [
    'the key of another certificate',
    'device.key',
    'other.key',
    '24 ECONFIG_KEY_MISMATCH /access/keyFile',
  ],
  ['a key everybody can read', 'device.key', 'open.key', '24 ECONFIG_KEY_EXPOSED /access/keyFile'],
  ['a tab for indentation', '  - 192.168.11.0/24', '\t- 192.168.11.0/24', '21 ECONFIG_YAML '],
  ['a key given twice', 'area:', 'tenant: b\narea:', '2 ECONFIG_YAML '],
  ['an alias', 'board: {', 'page: *a\nboard: {', '5 ECONFIG_YAML '],
  ['a tag that wants code', 'tenant: acme', "tenant: !!js/function 'x'", '1 ECONFIG_YAML '],
  ['a second document', 'page:', '---\npage:', '31 ECONFIG_YAML '],
  ['a list for a key', 'page:', '? - a\n: 1\npage:', '31 ECONFIG_YAML '],
  [
    'a hundred open brackets',
    'area: Mainland China',
    `area: ${'['.repeat(100)}`,
    '2 ECONFIG_YAML ',
  ],
  [
    'lists as keys of lists as keys',
    'page:',
    `x:\n  ${'? - '.repeat(200)}a\npage:`,
    '32 ECONFIG_YAML ',
  ],
];
