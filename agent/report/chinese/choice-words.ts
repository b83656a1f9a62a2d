/** Why a tunnel carries the traffic, or why it does not, in Chinese: the rule that decided, and what the choice said itself. */
const RULES: Readonly<Record<string, string>> = {
  adoption: '重启前即承载流量',
  branch: '由分支指定',
  doubt: '其余隧道存疑',
  'far-end': '对端状态存疑',
  gateway: '网关更近',
  gather: '等待更优隧道就绪',
  hold: '更优隧道尚在观察期',
  id: '同等条件下按序选取',
  isp: '同一运营商优先',
  'management-only': '仅用于管理',
  'never-forwards': '不转发流量',
  none: '没有可用隧道',
  only: '唯一可用隧道',
  pinned: '人工指定',
  priority: '优先级更高',
  rank: '备用，排位靠后',
  restart: '对端正在重启',
  session: '会话未建立',
  'sibling-lost': '同链路隧道中断',
  sla: '路径质量不达标',
  'sla-gain': '路径质量明显更优',
  stays: '保持当前隧道',
  suspect: '近期未收到报文',
  'uplink-down': '上行链路断开',
  'uplink-unknown': '上行链路未知',
  weight: '权重更高',
};

/** A rule this program does not know leaves the reason as it was said. */
export function chineseReason(rule: string | undefined, because: string): string {
  const word = rule !== undefined && Object.hasOwn(RULES, rule) ? RULES[rule] : undefined;
  return word === undefined ? because : `${word}（${because}）`;
}
