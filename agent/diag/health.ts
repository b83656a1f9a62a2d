/**
 * Three separate truths about a device, each with its reason in English and Chinese.
 *
 * The board answers or not; the control channel stands or not (`ControllerState`); user traffic has a tunnel
 * or not (`VpnState`). They fail apart from each other and are never folded into one bit.
 */
import { isColdStandby } from '../model/ha.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { CHINESE_TUNNEL_STATES, chineseDataStop } from '../report/chinese/chinese-words.ts';
import { dataStopWords } from '../report/render-data-stop.ts';
import { duration, since } from '../report/render-duration.ts';
import { type Text, text } from './check/finding.ts';
import { enrolmentTexts } from './enrolment-words.ts';

export interface Truth<Words = string> {
  readonly state: 'Normal' | 'Abnormal';
  /** A clause without a full stop. */
  readonly because: Words;
  readonly sinceMs: number;
}

export interface Health<Words = string> {
  readonly board: Truth<Words>;
  readonly control: Truth<Words>;
  readonly data: Truth<Words>;
}

/** In English alone, as terminals and programs read it. */
export function healthOf(snapshot: AgentSnapshot): Health {
  const { board, control, data } = healthTexts(snapshot);
  return { board: inEnglish(board), control: inEnglish(control), data: inEnglish(data) };
}

export function healthTexts(snapshot: AgentSnapshot): Health<Text> {
  return { board: boardOf(snapshot), control: controlOf(snapshot), data: dataOf(snapshot) };
}

function inEnglish(truth: Truth<Text>): Truth {
  return { ...truth, because: truth.because.en };
}

function boardOf({ board, nowMs }: AgentSnapshot): Truth<Text> {
  const { hello, sinceMs } = board;
  const length = since(sinceMs, nowMs);
  if (board.state === 'lost') {
    const because =
      hello === undefined
        ? text(`the board has not answered yet, for ${length}`, `主板尚未应答，已 ${length}`)
        : text(`the board is silent, for ${length}`, `主板无响应，已 ${length}`);
    return { state: 'Abnormal', because, sinceMs };
  }
  const name = hello === undefined ? undefined : `${hello.model} ${hello.serialNumber}`;
  const because = text(
    `${name ?? 'it'} answers, for ${length}`,
    `${name ?? '主板'} 应答正常，已 ${length}`,
  );
  return { state: 'Normal', because, sinceMs };
}

function controlOf({ registration, enrolment, nowMs }: AgentSnapshot): Truth<Text> {
  if (enrolment !== undefined) {
    const { sinceMs } = enrolment;
    return { state: 'Abnormal', because: enrolmentTexts(enrolment, nowMs), sinceMs };
  }
  const { state, gateway, overUplink, sinceMs } = registration;
  if (state !== 'registered') {
    return { state: 'Abnormal', because: attemptTexts(registration, nowMs), sinceMs };
  }
  const length = since(sinceMs, nowMs);
  const over = overUplink === undefined ? '' : ` over ${overUplink}`;
  const through = overUplink === undefined ? '' : `通过 ${overUplink} `;
  const because = text(
    `registered with ${gateway ?? 'a gateway'}${over}, for ${length}`,
    `已${through}注册到 ${gateway ?? '网关'}，已 ${length}`,
  );
  return { state: 'Normal', because, sinceMs };
}

function attemptTexts(registration: AgentSnapshot['registration'], nowMs: number): Text {
  const { gateway, sinceMs, lastError, retryAtMs } = registration;
  const length = since(sinceMs, nowMs);
  const [en, zh] = [gateway ?? 'a gateway', gateway ?? '网关'];
  const doing = {
    idle: text('not trying to register', '未尝试注册'),
    connecting: text(`connecting to ${en}, for ${length}`, `正在连接 ${zh}，已 ${length}`),
    registering: text(`registering with ${en}, for ${length}`, `正在注册到 ${zh}，已 ${length}`),
    waiting:
      retryAtMs === undefined
        ? text(`waiting to try again, for ${length}`, `等待重试，已 ${length}`)
        : text(
            `next attempt in ${duration(retryAtMs - nowMs)}`,
            `${duration(retryAtMs - nowMs)} 后重试`,
          ),
    registered: text('registered', '已注册'),
  }[registration.state];
  if (lastError === undefined) return doing;
  const last = `${lastError.code}: ${lastError.text}`;
  return text(`${doing.en}; last error ${last}`, `${doing.zh}；最近错误 ${last}`);
}

function dataOf({ fastPath, desired }: AgentSnapshot): Truth<Text> {
  const { active, tunnels, routes, choice, nowMs } = fastPath;
  const tunnel = tunnels.find(({ id }) => id === active);
  const abnormal = (en: string, zh: string, sinceMs = nowMs): Truth<Text> => ({
    state: 'Abnormal',
    because: text(en, zh),
    sinceMs,
  });
  if (tunnels.length === 0) {
    if (desired.revision === 0) {
      return abnormal(
        'no gateway has said yet what is desired; what a former run left stays',
        '网关尚未下发期望配置，保留上次运行的内容',
      );
    }
    if (isColdStandby(desired.ha)) {
      return abnormal(
        'this device is a cold standby and carries nothing',
        '本设备为冷备，不承载流量',
      );
    }
    return desired.ccn === undefined
      ? abnormal('this SAG is bound to no CCN', '本 SAG 未绑定 CCN')
      : abnormal('no tunnel is planned', '没有规划隧道');
  }
  if (routes.stop !== undefined) {
    return abnormal(dataStopWords(routes.stop), chineseDataStop(routes.stop));
  }
  if (tunnel === undefined) {
    return abnormal(`no tunnel is active: ${choice.because}`, `没有活动隧道：${choice.because}`);
  }
  const { id, state, uplink, sinceMs } = tunnel;
  if (state !== 'up') {
    return abnormal(
      `${id} is active but ${state}`,
      `主用隧道 ${id} ${CHINESE_TUNNEL_STATES[state]}`,
      sinceMs,
    );
  }
  if (routes.prefixes.length > 0 && !routes.installed) {
    return abnormal(
      `${id} is active but its routes are not installed`,
      `主用隧道 ${id} 的路由未安装`,
      sinceMs,
    );
  }
  const length = since(sinceMs, nowMs);
  const because = text(
    `${id} over ${uplink} is active, up for ${length}`,
    `${uplink} 上的 ${id} 为主用，已连通 ${length}`,
  );
  return { state: 'Normal', because, sinceMs };
}
