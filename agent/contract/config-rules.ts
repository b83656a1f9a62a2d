/**
 * What a schema cannot say: rules between the settings of one document.
 *
 * The rules see only what is sound by itself; a member that was refused already is undefined here, so that
 * every mistake of a file is found in one reading and none is reported twice.
 */
import type { AgentConfig, DiagnosisConfig, PageConfig } from '../model/config.ts';
import { LTE_PRIORITY, type Uplink } from '../model/uplink.ts';
import { isAddress, isHost, lanAddressMistake, prefixFindings } from './config-addresses.ts';
import type { ConfigProblemCode, Finding } from './config-problem.ts';

/** A document whose refused members have been taken out. */
export type Sound<Value> = Value extends readonly (infer Item)[]
  ? readonly (Sound<Item> | undefined)[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: Sound<Value[Key]> | undefined }
    : Value;

/** A Unix socket path longer than this does not fit into sockaddr_un with its closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;
/** The best and the worst priority of an uplink that is not LTE. */
const WIRED_PRIORITY_MAX = 50;

export function ruleFindings(config: Sound<AgentConfig>): readonly Finding[] {
  const uplinks = config.uplinks ?? [];
  const gateways = config.access?.gateways ?? [];
  return [
    ...duplicates('/uplinks', 'id', uplinks, (uplink) => uplink.id),
    ...duplicates('/uplinks', 'port', uplinks, (uplink) => uplink.port),
    ...duplicates('/uplinks', 'deviceName', uplinks, (uplink) => uplink.deviceName),
    ...uplinks.flatMap((uplink, index) => uplinkFindings(uplink ?? {}, `/uplinks/${index}`)),
    ...lanPortFindings(config),
    ...prefixFindings(config.lanPrefixes ?? []),
    ...duplicates('/access/gateways', 'id', gateways, (gateway) => gateway.id),
    ...identityFindings(config.access),
    ...gateways.flatMap((gateway, index) =>
      hostFindings(gateway?.address, `/access/gateways/${index}/address`),
    ),
    ...socketPathFindings(config.controlSocket, '/controlSocket'),
    ...(config.page === undefined ? [] : pageFindings(config.page, config.controlSocket)),
    ...diagnosisFindings(config.diagnosis ?? {}),
  ];
}

/** A device is an uplink's or a LAN port's, and a port's address is one of the branch. */
function lanPortFindings(config: Sound<AgentConfig>): readonly Finding[] {
  const { lanPorts = [], uplinks = [], lanPrefixes = [] } = config;
  const prefixes = lanPrefixes.flatMap((each) => each ?? []);
  const wan = uplinks.map((uplink) => uplink?.deviceName);
  return [
    ...duplicates('/lanPorts', 'id', lanPorts, (port) => port.id),
    ...duplicates('/lanPorts', 'deviceName', lanPorts, (port) => port.deviceName),
    ...lanPorts.flatMap((port, index) => {
      const { deviceName, address } = port ?? {};
      const at = `/lanPorts/${index}`;
      const mistake = address === undefined ? undefined : lanAddressMistake(address, prefixes);
      const isUplink = deviceName !== undefined && wan.includes(deviceName);
      const sentence = `device '${deviceName}' is an uplink's; name the device of the LAN port`;
      return [
        ...(isUplink ? [finding('ECONFIG_DUPLICATE', `${at}/deviceName`, sentence)] : []),
        ...(mistake === undefined ? [] : [finding('ECONFIG_ADDRESS', `${at}/address`, mistake)]),
      ];
    }),
  ];
}

function finding(code: ConfigProblemCode, pointer: string, sentence: string): Finding {
  return { code, pointer, at: 'value', sentence };
}

/** Every later item that repeats a value an earlier one already has. */
function duplicates<Item>(
  list: string,
  member: string,
  items: readonly (Item | undefined)[],
  valueOf: (item: Item) => string | number | undefined,
): readonly Finding[] {
  const firstIndex = new Map<string | number, number>();
  const found: Finding[] = [];
  for (const [index, item] of items.entries()) {
    const value = item === undefined ? undefined : valueOf(item);
    if (value === undefined) continue;
    const first = firstIndex.get(value);
    if (first === undefined) firstIndex.set(value, index);
    else {
      const sentence = `${member} '${value}' is already used by ${list}/${first}; give each its own`;
      found.push(finding('ECONFIG_DUPLICATE', `${list}/${index}/${member}`, sentence));
    }
  }
  return found;
}

function uplinkFindings(uplink: Sound<Uplink>, pointer: string): readonly Finding[] {
  const found: Finding[] = [];
  const { kind, priority, deviceName, gateway } = uplink;
  if (kind !== undefined && priority !== undefined) {
    const sentence = priorityMistake(kind, priority);
    if (sentence !== undefined)
      found.push(finding(sentence[0], `${pointer}/priority`, sentence[1]));
  }
  if (deviceName === 'lo' || deviceName === 'all' || deviceName === 'default') {
    const sentence = `'${deviceName}' is reserved by the kernel; name the device of the cable`;
    found.push(finding('ECONFIG_DEVICE_NAME', `${pointer}/deviceName`, sentence));
  }
  if (gateway !== undefined && !isAddress(gateway)) {
    const sentence = `gateway '${gateway}' is not an IP address; a next hop cannot be a name`;
    found.push(finding('ECONFIG_ADDRESS', `${pointer}/gateway`, sentence));
  }
  return found;
}

/** A device has its certificate from its owner, or gets one by itself; half of each is neither. */
function identityFindings(access: Sound<AgentConfig>['access']): readonly Finding[] {
  if (access === undefined) return [];
  const { certificateFile, keyFile, gateways } = access;
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    const sentence = 'certificateFile and keyFile belong together; add the other or leave out both';
    return [{ code: 'ECONFIG_IDENTITY', pointer: '/access', at: 'key', sentence }];
  }
  const enrols = gateways?.some((gateway) => gateway?.enrolmentPort !== undefined) ?? true;
  if (certificateFile !== undefined || enrols) return [];
  const sentence =
    'the device has no certificateFile and no gateway to get one from; name one, or give a gateway its enrolmentPort';
  return [{ code: 'ECONFIG_IDENTITY', pointer: '/access', at: 'key', sentence }];
}

function hostFindings(host: string | undefined, pointer: string): readonly Finding[] {
  if (host === undefined || isHost(host)) return [];
  const sentence = `'${host}' is neither an IP address nor a host name; correct it`;
  return [finding('ECONFIG_ADDRESS', pointer, sentence)];
}

function priorityMistake(
  kind: Uplink['kind'],
  priority: number,
): readonly [ConfigProblemCode, string] | undefined {
  if (kind === 'lte') {
    if (priority === LTE_PRIORITY) return undefined;
    return [
      'ECONFIG_LTE_PRIORITY',
      `the priority of an LTE uplink is fixed; write ${LTE_PRIORITY} instead of ${priority}`,
    ];
  }
  if (priority !== 0 && priority <= WIRED_PRIORITY_MAX) return undefined;
  return [
    'ECONFIG_RANGE',
    `priority ${priority} is for no ${kind} uplink; write 1 (best) to ${WIRED_PRIORITY_MAX}, or -1 to never forward`,
  ];
}

function socketPathFindings(path: string | undefined, pointer: string): readonly Finding[] {
  if (path === undefined) return [];
  const bytes = new TextEncoder().encode(path).length;
  if (bytes <= SOCKET_PATH_BYTES_MAX) return [];
  const sentence = `the path has ${bytes} bytes; the kernel takes ${SOCKET_PATH_BYTES_MAX} for a socket, choose a shorter one`;
  return [finding('ECONFIG_SOCKET_PATH', pointer, sentence)];
}

/** Packets are sent there: a name would ask DNS before DNS has been judged. */
function diagnosisFindings(diagnosis: Sound<DiagnosisConfig>): readonly Finding[] {
  const { internetTarget, resolvers = [], endToEnd = [] } = diagnosis;
  const named = [
    ['/diagnosis/internetTarget', internetTarget] as const,
    ...resolvers.map((each, index) => [`/diagnosis/resolvers/${index}`, each] as const),
    ...endToEnd.map((each, index) => [`/diagnosis/endToEnd/${index}`, each] as const),
  ];
  return named.flatMap(([pointer, address]) =>
    address === undefined || isAddress(address)
      ? []
      : [finding('ECONFIG_ADDRESS', pointer, `'${address}' is not an IP address; write one`)],
  );
}

function pageFindings(
  page: Sound<PageConfig>,
  controlSocket: string | undefined,
): readonly Finding[] {
  const found = [...socketPathFindings(page.unixSocket, '/page/unixSocket')];
  const { address, off, port, unixSocket } = page;
  if ((address === undefined) !== (port === undefined)) {
    found.push(pageFinding('address and port belong together; add the other'));
  } else if (off === true && (address !== undefined || unixSocket !== undefined)) {
    const sentence = 'the page is off and has a place to listen; remove one of them';
    found.push(pageFinding(sentence));
  }
  if (address !== undefined && !isAddress(address)) {
    const sentence = `'${address}' is not an IP address; write the LAN address of this device`;
    found.push(finding('ECONFIG_ADDRESS', '/page/address', sentence));
  }
  if (unixSocket !== undefined && unixSocket === controlSocket) {
    const sentence = 'the page and sagctl cannot share one socket; choose another path';
    found.push(finding('ECONFIG_DUPLICATE', '/page/unixSocket', sentence));
  }
  return found;
}

function pageFinding(sentence: string): Finding {
  return { code: 'ECONFIG_PAGE', pointer: '/page', at: 'key', sentence };
}
