/**
 * The words of the page in English and Chinese, and the choice between them. Sentences of the agent bring both; what
 * they quote of others stays as it was said.
 */
const TEXTS = {
  connecting: ['connecting', '连接中'],
  live: ['live', '实时'],
  lost: ['not connected', '未连接'],
  silent: ['no answer', '无响应'],
  moving: [
    'The LAN of this box gets another address. Give your machine one in the new network, and go on there:',
    '本设备的 LAN 地址正在更改。请将您的计算机设置到新网段，然后访问：',
  ],
  goneAway: [
    'The box does not answer here. If its LAN was given another address, the page is there.',
    '设备在此地址无响应。如果其 LAN 地址已更改，请访问新地址。',
  ],
  other: ['中文', 'English'],
  logout: ['Log off', '退出'],
  logonTitle: ['Log on', '登录'],
  logonWords: [
    'Password forgotten? A short press of RESET at the box lets you set a new one.',
    '忘记密码？短按设备上的 RESET 键，即可重新设置密码。',
  ],
  logonAs: ['Log on as', '登录身份'],
  logonGo: ['Log on', '登录'],
  firstTitle: ['First logon', '首次登录'],
  firstWords: [
    'This box has no password yet. Set one of at least 10 characters; nothing is shown before.',
    '本设备尚未设置密码。请设置至少 10 个字符的密码，设置之前不显示任何内容。',
  ],
  firstGo: ['Set the password', '设置密码'],
  admin: ['administrator', '管理员'],
  viewer: ['viewer (read-only)', '只读用户'],
  password: ['Password', '密码'],
  again: ['Password again', '再次输入密码'],
  differ: ['The two passwords differ.', '两次输入的密码不一致。'],
  EPAGE_WEAK: ['At least 10 characters, of which at least 4 differ.', '至少 10 个字符，且至少包含 4 种不同字符。'],
  EPAGE_PASSWORD: ['Role or password is wrong.', '身份或密码错误。'],
  EPAGE_PACE: ['Too many tries. Wait a few seconds.', '尝试次数过多，请稍候几秒。'],
  EPAGE_BUSY: ['The box is busy with other requests. Try again.', '设备正忙，请重试。'],
  EPAGE_STORAGE: ['The box could not store it: its disk refuses.', '设备无法保存：存储拒绝写入。'],
  EPAGE_LOGON: ['You are not logged on any more.', '登录已失效。'],
  failed: ['That did not work. Is the box reachable?', '操作失败。设备是否可达？'],
  health: ['Health', '健康状态'],
  attention: ['Needs attention', '需要关注'],
  board: ['Board', '主板'],
  control: ['Control channel', '控制通道'],
  data: ['User traffic', '用户流量'],
  Normal: ['Normal', '正常'],
  Abnormal: ['Abnormal', '异常'],
  up: ['up', '正常'],
  down: ['down', '断开'],
  absent: ['absent', '不存在'],
  establishing: ['establishing', '建立中'],
  active: ['active', '主用'],
  standby: ['standby', '备用'],
  panel: ['Front panel', '前面板'],
  boardUnknown: ['The board has not said yet what it is.', '主板尚未报告型号。'],
  port: ['Port', '端口'],
  noCable: ['no cable', '未接网线'],
  cableIn: ['cable in port', '已接网线的端口'],
  blink: ['Let the lamps blink for a minute', '指示灯闪烁一分钟'],
  blinking: ['The lamps blink.', '指示灯正在闪烁。'],
  ladder: ['From this box to the cloud', '从本机到云端'],
  check: ['Run the check', '开始检查'],
  checking: ['checking …', '检查中……'],
  well: ['Every rung stands.', '全部正常。'],
  mend: ['Mend first', '首先处理'],
  by: ['blocked by', '受阻于'],
  passed: ['ok', '正常'],
  degraded: ['degraded', '部分异常'],
  rungFailed: ['failed', '故障'],
  unknown: ['unknown', '未知'],
  blocked: ['blocked', '受阻'],
  wan: ['WAN set-up', 'WAN 设置'],
  wanWords: [
    'For a branch that does not reach the cloud. A change is tried for 90 seconds: unless the cloud is reached over it, or you keep it, the former setting returns.',
    '用于无法连接云端的分支。修改后试用 90 秒：若未能连接云端且您未确认保留，则恢复原设置。',
  ],
  DHCP: ['DHCP', 'DHCP'],
  STATIC: ['static', '静态地址'],
  PPPOE: ['PPPoE', 'PPPoE'],
  AS_FOUND: ['as the system has it', '沿用系统设置'],
  wanChange: ['Change …', '修改……'],
  wanType: ['Address by', '地址获取方式'],
  wan_address: ['IP address', 'IP 地址'],
  wan_prefixLength: ['Mask (255.255.255.0 or 24)', '子网掩码（255.255.255.0 或 24）'],
  wan_gateway: ['Gateway', '网关'],
  wan_nameServers: ['DNS servers (up to 3, may stay empty)', 'DNS 服务器（最多 3 个，可不填）'],
  wan_user: ['User name', '用户名'],
  wan_password: ['Password', '密码'],
  wanGo: ['Try it', '试用'],
  wanTrial: ['On trial, undone in', '试用中，剩余'],
  wanKeep: ['Keep it', '保留'],
  wanUndo: ['Undo now', '立即撤销'],
  wanKept: ['Kept', '已保留'],
  wanUndone: ['The former setting is back', '已恢复原设置'],
  EWAN_BUSY: ['Another setting is on trial. Keep it or undo it first.', '另一设置正在试用，请先保留或撤销。'],
  EWAN_ADDRESS: ['No box can have this address in this network.', '该网络中设备不能使用此地址。'],
  EWAN_AS_FOUND: ['It is as the system has it already.', '已沿用系统设置。'],
  uplinks: ['Uplinks', '上行链路'],
  probes: ['Liveness', '存活探测'],
  noUplink: ['No uplink is planned yet.', '尚未规划上行链路。'],
  tunnels: ['Tunnels', '隧道'],
  noTunnel: ['No tunnel is planned yet.', '尚未规划隧道。'],
  why: ['Why this tunnel', '选路原因'],
  mayCarry: ['may carry', '可承载'],
  mayNot: ['may not', '不可承载'],
  routes: ['Routes', '路由'],
  noRoute: ['No prefix is published to this branch.', '尚未向本分支发布网段。'],
  changes: ['Last failovers and changes', '最近的切换与变更'],
  noChange: ['The active tunnel has not changed yet.', '主用隧道尚未变更。'],
  'cause_first-choice': ['first choice', '首次选路'],
  cause_carrier: ['carrier', '载波丢失'],
  cause_silence: ['silence', '无响应'],
  'cause_session-down': ['session down', '会话断开'],
  cause_better: ['better', '有更优隧道'],
  cause_quality: ['quality', '质量下降'],
  cause_command: ['command', '人工命令'],
  cause_plan: ['plan', '规划变更'],
  cause_engine: ['engine', '引擎故障'],
  when: ['When', '时间'],
  moved: ['Moved', '切换'],
  because: ['Because', '原因'],
  silentFor: ['Silent', '静默'],
  decided: ['Decided in', '决策用时'],
  installed: ['Installed in', '生效用时'],
  rtt: ['Round trip', '往返时延'],
  loss: ['Loss', '丢包率'],
  jitter: ['Jitter', '抖动'],
  lastHour: ['last hour', '最近一小时'],
  now: ['now', '当前'],
  least: ['least', '最小'],
  most: ['most', '最大'],
  gaps: ['not measured yet', '尚无测量'],
  events: ['Events for the cloud', '上报云端的事件'],
  noEvent: ['No event in this run.', '本次运行暂无事件。'],
  noneWaits: ['Every event has been delivered.', '所有事件均已送达。'],
  wait: ['wait for the cloud', '个事件等待上报'],
  delivered: ['delivered', '已送达'],
  waiting: ['waiting', '等待中'],
  refused: ['refused', '被拒绝'],
  enrolment: ['This device has no certificate yet', '本设备尚无证书'],
  enrolmentWords: ['It asks the access gateways by itself. Addresses and cables below are what it needs first.', '设备会自动向接入网关申请。请先确认下方的地址与网线。'],
  bundle: ['Bundle for support', '支持诊断包'],
  bundleWords: ['Everything support needs in one file, without secrets.', '支持所需的全部信息，不含任何密钥。'],
  anonymise: ['Anonymise', '匿名化'],
  anonymiseNone: ['nothing', '不处理'],
  anonymisePublic: ['public addresses and names', '公网地址与名称'],
  anonymiseAll: ['everything', '全部'],
  bundleGo: ['Download', '下载'],
  bundling: ['collecting …', '收集中……'],
  access: ['Passwords', '密码管理'],
  accessFor: ['Of the', '用户'],
  newPassword: ['New password', '新密码'],
  accessGo: ['Set the password', '设置密码'],
  accessDone: ['The password is set.', '密码已设置。'],
  notes: ['Notes', '记录'],
};

const KEPT_AS = 'sag-language';

let language = localStorage.getItem(KEPT_AS) ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');

/** The text of this key; a word of the agent that has no translation stays as it is. */
export function say(key) {
  const texts = Object.hasOwn(TEXTS, key) ? TEXTS[key] : [key, key];
  return texts[language === 'zh' ? 1 : 0];
}

/** Of a text that carries both languages. */
export function sayBoth(text) {
  return text[language];
}

/** Puts the words into the document. */
export function sayAll() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = say(node.dataset.text);
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', say(node.dataset.label));
  document.getElementById('language').textContent = say('other');
  document.getElementById('language').lang = language === 'zh' ? 'en' : 'zh';
}

export function otherLanguage() {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem(KEPT_AS, language);
}
